import { and, asc, eq, isNull } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { unsuspendReferrals } from '../referrals/suspend-referrals.ts'
import { referrals } from '../referrals/tables.ts'
import { suspendedReferrals, suspensions } from './tables.ts'

/** Lets referrals begin, save those that another suspension still waits for a decision on. */
export async function letBegin(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  const { id } = referrals
  for (const chunk of chunks([...ids].sort())) {
    // Locked before looking: of two suspensions that end at once, the later one sees that the other has ended.
    await ctx.tx.select({ id }).from(referrals).where(isOneOf(id, chunk)).orderBy(asc(id)).for('update')
    const waiting = await ctx.tx
      .select({ id: suspendedReferrals.referralId })
      .from(suspendedReferrals)
      .innerJoin(suspensions, eq(suspensions.id, suspendedReferrals.suspensionId))
      .where(
        and(
          isOneOf(suspendedReferrals.referralId, chunk),
          isNull(suspendedReferrals.decision),
          isNull(suspensions.liftedAt),
        ),
      )
    const kept = new Set(waiting.map(({ id }) => id))
    await unsuspendReferrals(
      ctx,
      chunk.filter((id) => !kept.has(id)),
    )
  }
}
