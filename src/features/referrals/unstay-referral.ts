import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { DAY_MS } from '../../platform/period.ts'
import { partiesOf } from './parties.ts'
import { referrals } from './tables.ts'

/**
 * Lets the deadlines of a stayed referral run again, each later by the time that it was stayed: what was left of them
 * is left now. One that is not stayed stays as it is. For the end of an appeal, whose own verb has asked for
 * permission, and knows that no other appeal is open.
 */
export async function unstayReferral(ctx: TransactionContext, id: string): Promise<void> {
  const [row] = await ctx.tx.select().from(referrals).where(eq(referrals.id, id)).for('update')
  if (!row?.stayedAt) return
  const now = ctx.clock()
  const stayedMs = Math.max(0, now.getTime() - row.stayedAt.getTime())
  const answerBy = row.answerBy && new Date(row.answerBy.getTime() + stayedMs)
  await ctx.tx
    .update(referrals)
    .set({
      stayedAt: null,
      answerBy,
      // The deadlines after its month are counted in days: a day that was begun counts whole.
      stayedDays: row.stayedDays + Math.ceil(stayedMs / DAY_MS),
      changedAt: now,
      version: sql`${referrals.version} + 1`,
    })
    .where(eq(referrals.id, id))
  await record(ctx, 'referral.unstay', id)
  await emit(ctx, 'referral.unstayed', id, partiesOf(row), { status: row.status, answerBy })
}
