import { eq } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { periodAt } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { refuseImpossibleNeed } from './impossible-need.ts'
import { lockNeed } from './lock-need.ts'
import { requireWaiting } from './need-lifecycle.ts'
import type { NeedRow } from './register-need.ts'
import { ReviseNeed } from './schemas.ts'
import { needs } from './tables.ts'

/**
 * Changes what is wanted while the need waits. It keeps its place: it has waited since it was registered.
 * @throws Refusal `not_found` for another partner's resident, `precondition_failed`, `state_conflict` while a run or a
 *   match has it and once its month is over, `invalid_input` as for `registerNeed`.
 */
export async function reviseNeed(
  ctx: Context,
  { needId, version, ...input }: ReviseNeed & { needId: string; version: number },
): Promise<NeedRow> {
  permit(ctx, 'need.revise')
  const changes = given(parseInput(ReviseNeed, input))
  return inTransaction(ctx, async (ctx) => {
    const { need, organizationId } = await lockNeed(ctx, needId)
    requireVersion(need, version)
    requireWaiting(need.state)
    const { residentId, period, state } = need
    const now = ctx.clock()
    if (period < periodAt(now)) throw new Refusal('state_conflict', `The need was for ${period}.`)
    refuseImpossibleNeed({ ...need, ...changes }, now)
    const [row] = await ctx.tx
      .update(needs)
      .set({ ...changes, version: version + 1 })
      .where(eq(needs.id, needId))
      .returning()
    await record(ctx, 'need.revise', needId, { residentId, period, state })
    await emit(ctx, 'need.revised', needId, organizationId, { residentId, period, state })
    return row!
  })
}

/** Without the fields that were not given. */
function given(changes: z.output<typeof ReviseNeed>): Partial<NeedRow> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
