import { and, eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { assumeSupervision } from './assume-supervision.ts'
import { ConcludeInspection } from './inspection-schemas.ts'
import { getInspection, type InspectionRow } from './list-inspections.ts'
import { readSubject, requireWithinArea } from './read-subject.ts'
import { inspections } from './tables.ts'

/**
 * Says what an inspection of the actor's body came to.
 * @throws Refusal `not_found` for another body's and beyond the actor's area, `duty_conflict` for an offering of the
 *   actor's own body, `precondition_failed`, `state_conflict` once it is concluded.
 */
export async function concludeInspection(
  ctx: Context,
  { id, expectedVersion, ...input }: ConcludeInspection & { id: string; expectedVersion: number },
): Promise<InspectionRow> {
  return attempted(ctx, { action: 'inspection.conclude', objectId: id }, async (ctx) => {
    permit(ctx, 'inspection.conclude')
    const { state, note } = parseInput(ConcludeInspection, input)
    const inspection = await lockOwn(ctx, id)
    requireVersion(inspection, expectedVersion)
    if (inspection.state !== 'planned') {
      throw new Refusal('state_conflict', `The inspection is concluded: ${inspection.state}.`)
    }
    const { offeringId } = inspection
    const subject = await readSubject(ctx, 'offering', offeringId)
    await requireWithinArea(ctx, subject)
    await assumeSupervision(ctx, subject)
    await ctx.tx
      .update(inspections)
      .set({
        state,
        note,
        inspectedBy: ctx.actor.principalId,
        inspectedAt: ctx.clock(),
        version: sql`${inspections.version} + 1`,
      })
      .where(eq(inspections.id, id))
    await record(ctx, 'inspection.conclude', id, { offeringId, state })
    const told = [...subject.parties, ctx.actor.organizationId]
    await emit(ctx, 'inspection.concluded', id, told, { offeringId, state })
    return getInspection(ctx, id)
  })
}

async function lockOwn(ctx: TransactionContext, id: string): Promise<InspectionRow> {
  const own = eq(inspections.organizationId, ctx.actor.organizationId)
  const [row] = await ctx.tx
    .select()
    .from(inspections)
    .where(and(eq(inspections.id, id), own))
    .for('update')
  return found(row, 'inspection')
}
