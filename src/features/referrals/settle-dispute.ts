/** How a dispute over a delivery ends, whoever ends it. */
import { eq, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { releaseBundles, revertCommits } from '../../platform/ledger/post-transfers.ts'
import { closeWallets } from '../residents/close-wallets.ts'
import { residents } from '../residents/tables.ts'
import { type DeliveryAnswer, refuseAsDelivery } from './answer-delivery.ts'
import type { DisputeDecision } from './delivery-schemas.ts'
import type { ReferralRow } from './get-referral.ts'
import { TRANSITIONS } from './lifecycle.ts'
import { lockReferral } from './lock-referral.ts'
import { partiesOf } from './parties.ts'
import type { DeliveryRow } from './record-delivery.ts'
import type { ReferralStatus } from './schemas.ts'
import { deliveries } from './tables.ts'

/**
 * Ends the dispute over a delivery within the actor's reach; the caller has asked for permission, and records it.
 * What was spent for an annulled delivery is held again: to be delivered once more while the referral goes on, free
 * once it is over. What was settled already waits for the correction by the next settlement.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` unless it is disputed.
 */
export async function settleDispute(
  ctx: TransactionContext,
  { id, expectedVersion }: DeliveryAnswer,
  { decision, comment }: { decision: DisputeDecision; comment: string | null },
): Promise<DeliveryRow> {
  const referral = await lockReferralOf(ctx, id)
  const [locked] = await ctx.tx.select().from(deliveries).where(eq(deliveries.id, id)).for('update')
  const delivery = locked!
  requireVersion(delivery, expectedVersion)
  if (delivery.state !== 'disputed') {
    throw new Refusal('state_conflict', `The delivery is ${delivery.state}: there is no dispute to decide.`)
  }
  const [row] = await ctx.tx
    .update(deliveries)
    .set({
      state: decision,
      decidedBy: ctx.actor.principalId,
      decidedAt: ctx.clock(),
      decisionComment: comment,
      version: sql`${deliveries.version} + 1`,
    })
    .where(eq(deliveries.id, id))
    .returning()
  if (decision === 'annulled' && !delivery.settledAt) await giveBack(ctx, referral, id)
  const told = { referralId: referral.id, decision, settled: delivery.settledAt !== null }
  await emit(ctx, 'dispute.decided', id, partiesOf(referral), told)
  return row!
}

/** The referral before its delivery: the one order that everybody keeps. */
async function lockReferralOf(ctx: TransactionContext, deliveryId: string): Promise<ReferralRow> {
  const [row] = await ctx.tx
    .select({ referralId: deliveries.referralId })
    .from(deliveries)
    .where(eq(deliveries.id, deliveryId))
  return lockReferral(ctx, found(row, 'delivery').referralId).catch(refuseAsDelivery)
}

async function giveBack(
  ctx: TransactionContext,
  { matchId, residentId, status }: ReferralRow,
  deliveryId: string,
): Promise<void> {
  await revertCommits(ctx, [{ bundleId: matchId, key: deliveryId }])
  if (GOES_ON.includes(status)) return
  await releaseBundles(ctx, [matchId], deliveryId)
  const [resident] = await ctx.tx
    .select({ erasedAt: residents.erasedAt })
    .from(residents)
    .where(eq(residents.id, residentId))
  // Nobody can spend from the wallet of a resident who was erased.
  if (resident!.erasedAt) await closeWallets(ctx, residentId)
}

/** Every status from which more may be delivered some day. */
export const GOES_ON: readonly ReferralStatus[] = TRANSITIONS.cancel.from
