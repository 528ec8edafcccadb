import { and, asc, eq, getTableColumns, gt, inArray, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { areasWithinReach } from '../catalog/offering-reach.ts'
import { locations, offerings } from '../catalog/tables.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import type { InspectionsQuery } from './inspection-schemas.ts'
import { inspectionPlans, inspections } from './tables.ts'

export type InspectionRow = typeof inspections.$inferSelect
type StoredPlan = typeof inspectionPlans.$inferSelect
export type InspectionPlanRow = Omit<StoredPlan, 'frame'>
export type InspectionPlanDetailRow = StoredPlan & { inspections: InspectionRow[] }

/** Inspections of offerings in the actor's area, in the order in which they were planned. */
export async function listInspections(ctx: Context, asked: InspectionsQuery): Promise<Page<InspectionRow>> {
  permit(ctx, 'inspection.read')
  const { limit, cursor, state, planId, offeringId } = asked
  const rows = await selectInspections(
    ctx,
    and(
      await areasWithinReach(ctx),
      cursor ? gt(inspections.id, cursor) : undefined,
      state ? eq(inspections.state, state) : undefined,
      planId ? eq(inspections.planId, planId) : undefined,
      offeringId ? eq(inspections.offeringId, offeringId) : undefined,
    ),
  ).limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`, also for one beyond the actor's area. */
export async function getInspection(ctx: Context, id: string): Promise<InspectionRow> {
  permit(ctx, 'inspection.read')
  const [row] = await selectInspections(ctx, and(eq(inspections.id, id), await areasWithinReach(ctx)))
  return found(row, 'inspection')
}

/** Plans for areas in the actor's, in the order in which they were made. */
export async function listInspectionPlans(
  ctx: Context,
  { limit, cursor }: PageQuery,
): Promise<Page<InspectionPlanRow>> {
  permit(ctx, 'inspection.read')
  const { frame: _frame, ...shown } = getTableColumns(inspectionPlans)
  const rows = await query(ctx)
    .select(shown)
    .from(inspectionPlans)
    .where(and(await plansWithinReach(ctx), cursor ? gt(inspectionPlans.id, cursor) : undefined))
    .orderBy(asc(inspectionPlans.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/**
 * A plan with what it drew from and what it drew.
 * @throws Refusal `not_found`, also for one beyond the actor's area.
 */
export async function getInspectionPlan(ctx: Context, id: string): Promise<InspectionPlanDetailRow> {
  permit(ctx, 'inspection.read')
  const [row] = await query(ctx)
    .select()
    .from(inspectionPlans)
    .where(and(eq(inspectionPlans.id, id), await plansWithinReach(ctx)))
  const plan = found(row, 'inspection plan')
  return { ...plan, inspections: await selectInspections(ctx, eq(inspections.planId, id)) }
}

async function plansWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { areaId } = ctx.actor
  return areaId ? inArray(inspectionPlans.areaId, await areaSubtree(ctx, areaId)) : undefined
}

function selectInspections(ctx: Context, where: SQL | undefined) {
  return query(ctx)
    .select(getTableColumns(inspections))
    .from(inspections)
    .innerJoin(offerings, eq(offerings.id, inspections.offeringId))
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(where)
    .orderBy(asc(inspections.id))
    .$dynamic()
}
