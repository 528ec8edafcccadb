import { and, asc, eq, ne, type SQL } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { periodAt } from '../../platform/period.ts'
import { areasWithinReach } from '../catalog/offering-reach.ts'
import { locations, offerings } from '../catalog/tables.ts'
import { requireReach } from '../communities/require-reach.ts'
import { permit } from '../identity/permissions.ts'
import type { Alert } from './alert-schemas.ts'
import { type Candidate, drawInspections } from './draw-inspections.ts'
import { findAlerts } from './find-alerts.ts'
import { BeginInspection, PlanInspections } from './inspection-schemas.ts'
import {
  getInspection,
  getInspectionPlan,
  type InspectionPlanDetailRow,
  type InspectionRow,
} from './list-inspections.ts'
import { readSubject, requireWithinArea } from './read-subject.ts'
import { inspectionPlans, inspections } from './tables.ts'

/**
 * Draws offerings of an area to be inspected: the riskiest by the alerts of a month, and some by lot. What was drawn from
 * is kept with the seed, so that the draw can be repeated.
 * @throws Refusal `invalid_input` for an area beyond the actor's.
 */
export async function planInspections(
  ctx: Context,
  input: PlanInspections,
): Promise<InspectionPlanDetailRow> {
  permit(ctx, 'inspection.plan')
  const wanted = parseInput(PlanInspections, input)
  return inTransaction(ctx, async (ctx) => {
    await requireReach(ctx, [{ id: wanted.areaId, path: ['areaId'] }])
    const frame = await readFrame(ctx, wanted)
    const id = ctx.newId()
    const { organizationId } = ctx.actor
    const population = frame.length
    const createdAt = ctx.clock()
    await ctx.tx
      .insert(inspectionPlans)
      .values({ id, organizationId, ...wanted, population, frame, createdAt })
    const drawn = drawInspections(frame, wanted)
    const common = { organizationId, planId: id, state: 'planned' as const, createdAt }
    for (const chunk of chunks(drawn)) {
      await ctx.tx
        .insert(inspections)
        .values(chunk.map((candidate) => ({ id: ctx.newId(), ...candidate, ...common })))
    }
    const { areaId, period, seed } = wanted
    await record(ctx, 'inspection.plan', id, { areaId, period, seed, population, drawn: drawn.length })
    await emit(ctx, 'inspection.planned', id, organizationId, { areaId, period, drawn: drawn.length })
    return getInspectionPlan(ctx, id)
  })
}

/**
 * Plans an inspection of one offering that the supervisor chose.
 * @throws Refusal `not_found` for an offering beyond the actor's area.
 */
export async function beginInspection(ctx: Context, input: BeginInspection): Promise<InspectionRow> {
  permit(ctx, 'inspection.begin')
  const { offeringId } = parseInput(BeginInspection, input)
  return inTransaction(ctx, async (ctx) => {
    const subject = await readSubject(ctx, 'offering', offeringId)
    await requireWithinArea(ctx, subject)
    const id = ctx.newId()
    const { organizationId } = ctx.actor
    const alerts = await findAlerts(ctx, { period: periodAt(ctx.clock()), areaId: null, kind: null })
    const risk = risksBy(alerts)({ id: offeringId, organizationId: subject.parties[0]! })
    const common = { organizationId, draw: 'chosen', state: 'planned', createdAt: ctx.clock() } as const
    await ctx.tx.insert(inspections).values({ id, offeringId, risk, ...common })
    await record(ctx, 'inspection.begin', id, { offeringId, risk })
    await emit(ctx, 'inspection.begun', id, organizationId, { offeringId })
    return getInspection(ctx, id)
  })
}

/** All offerings of the area that are not withdrawn, in order of id, each with its risk. */
async function readFrame(
  ctx: TransactionContext,
  { areaId, period }: { areaId: string; period: string },
): Promise<Candidate[]> {
  const riskOf = risksBy(await findAlerts(ctx, { period, areaId, kind: null }))
  const within = await areasWithinReach({ ...ctx, actor: { ...ctx.actor, areaId } })
  const rows = await offeringsWhere(ctx, and(ne(offerings.state, 'withdrawn'), within))
  return rows.map((row) => ({ offeringId: row.id, risk: riskOf(row) }))
}

function offeringsWhere(ctx: TransactionContext, where: SQL | undefined) {
  const { id, organizationId } = offerings
  return ctx.tx
    .select({ id, organizationId })
    .from(offerings)
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(where)
    .orderBy(asc(id))
}

/** An offering's risk: the weights of the alerts about it, and of those about its provider. */
function risksBy(alerts: readonly Alert[]) {
  const weights = new Map<string, number>()
  for (const { offeringId, providerId, weight } of alerts) {
    const about = offeringId ?? providerId
    if (about) weights.set(about, (weights.get(about) ?? 0) + weight)
  }
  return ({ id, organizationId }: { id: string; organizationId: string }) =>
    (weights.get(id) ?? 0) + (weights.get(organizationId) ?? 0)
}
