import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { offerings } from '../catalog/tables.ts'
import { matches } from '../matching/tables.ts'
import { residents } from '../residents/tables.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import { referrals } from './tables.ts'

/**
 * A referral within the actor's reach, locked before its match and accounts, so that two who change it come one after
 * the other.
 * @throws Refusal `not_found`, also for a referral beyond the actor's reach.
 */
export async function lockReferral(ctx: TransactionContext, id: string): Promise<ReferralRow> {
  // A move may name them anew: whoever erases or suspends them has them locked before their referrals.
  await ctx.tx
    .select({ id: residents.id })
    .from(referrals)
    .innerJoin(residents, eq(residents.id, referrals.residentId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .innerJoin(offerings, eq(offerings.id, matches.offeringId))
    .where(eq(referrals.id, id))
    .for('key share', { of: [residents, offerings] })
  await ctx.tx.select({ id: referrals.id }).from(referrals).where(eq(referrals.id, id)).for('update')
  return getReferral(ctx, id)
}
