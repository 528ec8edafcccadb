import { and, eq, getTableColumns, inArray, isNull, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { matches } from '../matching/tables.ts'
import { residents } from '../residents/tables.ts'
import { referrals } from './tables.ts'

/** A referral with the part of its match that the parties need to know. */
export type ReferralRow = Awaited<ReturnType<typeof selectReferrals>>[number]

/** @throws Refusal `not_found`, also for a referral beyond the actor's reach. */
export async function getReferral(ctx: Context, id: string): Promise<ReferralRow> {
  permit(ctx, 'referral.read')
  const [row] = await selectReferrals(ctx).where(and(eq(referrals.id, id), await referralsWithinReach(ctx)))
  return found(row, 'referral')
}

/** All referrals, to be narrowed. */
export function selectReferrals(ctx: Context) {
  const { needId, offeringId, programId, price, subsidy, copayment } = getTableColumns(matches)
  return query(ctx)
    .select({ ...getTableColumns(referrals), needId, offeringId, programId, price, subsidy, copayment })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .innerJoin(residents, eq(residents.id, referrals.residentId))
    .$dynamic()
}

/** Parties reach the referrals they are a party of; purchasers and supervisors, those of their area. */
export async function referralsWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, organizationId, areaId } = ctx.actor
  if (role === 'system') return undefined
  if (role === 'provider') return eq(referrals.providerId, organizationId)
  // For its own app, a resident who is erased is gone with all there was; the others' books go on.
  if (role === 'partner') return and(eq(referrals.partnerId, organizationId), isNull(residents.erasedAt))
  const withinArea = areaId ? inArray(residents.areaId, await areaSubtree(ctx, areaId)) : undefined
  if (role === 'supervisor') return withinArea
  if (role.startsWith('purchaser')) return and(eq(referrals.purchaserId, organizationId), withinArea)
  throw new Refusal('forbidden', `The role ${role} reaches no referrals.`)
}
