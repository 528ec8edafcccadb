import { and, eq, isNull, notInArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import type { Point } from '../communities/schemas.ts'
import { permit } from '../identity/permissions.ts'
import { matches } from '../matching/tables.ts'
import type { Facts } from '../policies/eligibility.ts'
import { type KnownFacts, visibleFacts } from '../residents/consented-facts.ts'
import { consents, needs, residents } from '../residents/tables.ts'
import { referralsWithinReach } from './get-referral.ts'
import type { ReferralStatus } from './schemas.ts'
import { referrals } from './tables.ts'

/** Nobody will be served, so there is nothing to know any more. */
const OVER = ['rejected', 'cancelled', 'failed', 'entered-in-error'] as const satisfies ReferralStatus[]

/** What a provider may see of whom it is to serve. */
export interface ReferralResident {
  point: Point | null
  /** Empty = not known, or not for this provider. */
  languages: string[]
  facts: Facts
}

/**
 * The facts of a referral's resident that live consents of the purpose `referral` cover for its provider, at this
 * instant. The age is that of the need's month.
 * @throws Refusal `not_found`, also for another provider's referral, and for one that came to nothing.
 */
export async function getReferralResident(ctx: Context, referralId: string): Promise<ReferralResident> {
  permit(ctx, 'referral.read_resident')
  const [row] = await query(ctx)
    .select({ resident: residents, providerId: referrals.providerId, period: needs.period })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .innerJoin(needs, eq(needs.id, matches.needId))
    .innerJoin(residents, eq(residents.id, referrals.residentId))
    .where(
      and(
        eq(referrals.id, referralId),
        notInArray(referrals.status, [...OVER]),
        isNull(residents.erasedAt),
        await referralsWithinReach(ctx),
      ),
    )
  const { resident, providerId: recipientId, period } = found(row, 'referral')
  const given = await query(ctx).select().from(consents).where(eq(consents.residentId, resident.id))
  const look = { purpose: 'referral', recipientId, now: ctx.clock(), period } as const
  // The erased are left out above: who is there has a home.
  return visibleFacts(resident as KnownFacts, given, look)
}
