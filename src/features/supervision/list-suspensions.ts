import { and, asc, eq, exists, getTableColumns, gt, isNotNull, isNull, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { areasWithinReach } from '../catalog/offering-reach.ts'
import { locations, offerings } from '../catalog/tables.ts'
import { permit } from '../identity/permissions.ts'
import { referralsWithinReach } from '../referrals/get-referral.ts'
import { referrals } from '../referrals/tables.ts'
import { residents } from '../residents/tables.ts'
import type { SuspensionsQuery } from './suspension-schemas.ts'
import { suspendedReferrals, suspensions } from './tables.ts'

export type SuspensionRow = typeof suspensions.$inferSelect
export type SuspendedReferralRow = typeof suspendedReferrals.$inferSelect
export type SuspensionDetailRow = SuspensionRow & { referrals: SuspendedReferralRow[] }

/** Suspensions within the actor's reach, in the order in which they were imposed. */
export async function listSuspensions(
  ctx: Context,
  { limit, cursor, providerId, lifted }: SuspensionsQuery,
): Promise<Page<SuspensionRow>> {
  permit(ctx, 'suspension.read')
  const rows = await query(ctx)
    .select()
    .from(suspensions)
    .where(
      and(
        await suspensionsWithinReach(ctx),
        cursor ? gt(suspensions.id, cursor) : undefined,
        providerId ? eq(suspensions.providerId, providerId) : undefined,
        lifted === undefined
          ? undefined
          : lifted
            ? isNotNull(suspensions.liftedAt)
            : isNull(suspensions.liftedAt),
      ),
    )
    .orderBy(asc(suspensions.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/**
 * One suspension with the referrals that ran when it came.
 * @throws Refusal `not_found`, also for one beyond the actor's reach.
 */
export async function getSuspension(ctx: Context, id: string): Promise<SuspensionDetailRow> {
  permit(ctx, 'suspension.read')
  const [row] = await query(ctx)
    .select()
    .from(suspensions)
    .where(and(eq(suspensions.id, id), await suspensionsWithinReach(ctx)))
  const suspension = found(row, 'suspension')
  const running = await query(ctx)
    .select(getTableColumns(suspendedReferrals))
    .from(suspendedReferrals)
    .innerJoin(referrals, eq(referrals.id, suspendedReferrals.referralId))
    .innerJoin(residents, eq(residents.id, referrals.residentId))
    .where(and(eq(suspendedReferrals.suspensionId, id), await referralsWithinReach(ctx)))
    .orderBy(asc(suspendedReferrals.referralId))
  return { ...suspension, referrals: running }
}

/** A provider reaches its own; purchasers and supervisors those of providers that offer something in their area. */
export async function suspensionsWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, organizationId } = ctx.actor
  if (role === 'provider') return eq(suspensions.providerId, organizationId)
  const within = await areasWithinReach(ctx)
  if (!within) return undefined
  return exists(
    query(ctx)
      .select({ id: offerings.id })
      .from(offerings)
      .innerJoin(locations, eq(locations.id, offerings.locationId))
      .where(and(eq(offerings.organizationId, suspensions.providerId), within)),
  )
}
