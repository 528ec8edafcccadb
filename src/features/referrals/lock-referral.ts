import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import { referrals } from './tables.ts'

/**
 * A referral within the actor's reach, locked before its match and accounts, so that two who change it come one after
 * the other.
 * @throws Refusal `not_found`, also for a referral beyond the actor's reach.
 */
export async function lockReferral(ctx: TransactionContext, id: string): Promise<ReferralRow> {
  await ctx.tx.select({ id: referrals.id }).from(referrals).where(eq(referrals.id, id)).for('update')
  return getReferral(ctx, id)
}
