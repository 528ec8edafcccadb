import { and, eq, getTableColumns } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { permit } from '../identity/permissions.ts'
import { ownResidents } from './find-resident.ts'
import { moveNeed } from './need-lifecycle.ts'
import type { NeedRow } from './register-need.ts'
import { needs, residents } from './tables.ts'

/**
 * Takes back a need that waits.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` while a run or a match has it.
 */
export async function withdrawNeed(
  ctx: Context,
  { needId, version }: { needId: string; version: number },
): Promise<NeedRow> {
  permit(ctx, 'need.withdraw')
  return inTransaction(ctx, async (ctx) => {
    const [locked] = await ctx.tx
      .select({ need: getTableColumns(needs), organizationId: residents.organizationId })
      .from(needs)
      .innerJoin(residents, eq(residents.id, needs.residentId))
      .where(and(eq(needs.id, needId), ownResidents(ctx)))
      .for('update', { of: needs })
    const { need, organizationId } = found(locked, 'need')
    requireVersion(need, version)
    const state = moveNeed(need.state, 'withdrawn')
    const [row] = await ctx.tx
      .update(needs)
      .set({ state, version: version + 1 })
      .where(eq(needs.id, needId))
      .returning()
    await record(ctx, 'need.withdraw', needId, { from: need.state })
    await emit(ctx, 'need.withdrawn', needId, organizationId, { residentId: need.residentId })
    return row!
  })
}
