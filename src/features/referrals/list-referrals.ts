import { and, asc, eq, gt } from 'drizzle-orm'
import type { Context } from '../../platform/context.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { matches } from '../matching/tables.ts'
import { type ReferralRow, referralsWithinReach, selectReferrals } from './get-referral.ts'
import type { ReferralsQuery } from './schemas.ts'
import { referrals } from './tables.ts'

/** Referrals within the actor's reach, in order of opening. */
export async function listReferrals(
  ctx: Context,
  { limit, cursor, status, needId, residentId }: ReferralsQuery,
): Promise<Page<ReferralRow>> {
  permit(ctx, 'referral.read')
  const rows = await selectReferrals(ctx)
    .where(
      and(
        cursor ? gt(referrals.id, cursor) : undefined,
        status ? eq(referrals.status, status) : undefined,
        needId ? eq(matches.needId, needId) : undefined,
        residentId ? eq(referrals.residentId, residentId) : undefined,
        await referralsWithinReach(ctx),
      ),
    )
    .orderBy(asc(referrals.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
