import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { permit } from '../identity/permissions.ts'
import { lockNeed } from './lock-need.ts'
import { moveNeed } from './need-lifecycle.ts'
import type { NeedRow } from './register-need.ts'
import { needs } from './tables.ts'

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
    const { need, organizationId } = await lockNeed(ctx, needId)
    requireVersion(need, version)
    const state = moveNeed(need.state, 'withdrawn')
    const [row] = await ctx.tx
      .update(needs)
      .set({ state, version: version + 1 })
      .where(eq(needs.id, needId))
      .returning()
    const { residentId, period } = need
    await record(ctx, 'need.withdraw', needId, { residentId, period, from: need.state })
    await emit(ctx, 'need.withdrawn', needId, organizationId, { residentId, period })
    return row!
  })
}
