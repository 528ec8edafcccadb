import { and, eq, isNull, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { liftOffering } from '../catalog/lift-offering.ts'
import { liftProvider } from '../catalog/lift-provider.ts'
import { permit } from '../identity/permissions.ts'
import { assumeSupervision } from './assume-supervision.ts'
import { letBegin } from './let-begin.ts'
import {
  getSuspension,
  type SuspensionDetailRow,
  type SuspensionRow,
  suspensionsWithinReach,
} from './list-suspensions.ts'
import { readSubject } from './read-subject.ts'
import { suspendedReferrals, suspensions } from './tables.ts'

/**
 * Lets a provider or an offering back, save what another suspension keeps out. Referrals that nobody has decided on go
 * on.
 * @throws Refusal `not_found` beyond the actor's area, `duty_conflict` for the actor's own body, `precondition_failed`,
 *   `state_conflict` once it is lifted.
 */
export async function liftSuspension(
  ctx: Context,
  { id, expectedVersion }: { id: string; expectedVersion: number },
): Promise<SuspensionDetailRow> {
  return attempted(ctx, { action: 'suspension.lift', objectId: id }, async (ctx) => {
    permit(ctx, 'suspension.lift')
    const suspension = await lockSuspension(ctx, id)
    requireVersion(suspension, expectedVersion)
    const { providerId, offeringId, organizationId } = requireLive(suspension)
    await assumeSupervision(ctx, await readSubject(ctx, 'organization', providerId))
    const offerings = offeringId ? await liftOffering(ctx, offeringId) : await liftProvider(ctx, providerId)
    await ctx.tx
      .update(suspensions)
      .set({ liftedAt: ctx.clock(), version: sql`${suspensions.version} + 1` })
      .where(eq(suspensions.id, id))
    const undecided = await ctx.tx
      .select({ id: suspendedReferrals.referralId })
      .from(suspendedReferrals)
      .where(and(eq(suspendedReferrals.suspensionId, id), isNull(suspendedReferrals.decision)))
    await letBegin(
      ctx,
      undecided.map(({ id }) => id),
    )
    await record(ctx, 'suspension.lift', id, { providerId, offeringId, offerings })
    await emit(ctx, 'suspension.lifted', id, [providerId, organizationId], { providerId, offeringId })
    return getSuspension(ctx, id)
  })
}

/** A suspension within the actor's reach, locked. @throws Refusal `not_found`. */
async function lockSuspension(ctx: TransactionContext, id: string): Promise<SuspensionRow> {
  const [row] = await ctx.tx
    .select()
    .from(suspensions)
    .where(and(eq(suspensions.id, id), await suspensionsWithinReach(ctx)))
    .for('update')
  return found(row, 'suspension')
}

/** @throws Refusal `state_conflict` once it is lifted. */
export function requireLive(suspension: SuspensionRow): SuspensionRow {
  if (suspension.liftedAt === null) return suspension
  throw new Refusal('state_conflict', 'The suspension is lifted.')
}
