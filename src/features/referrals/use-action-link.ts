import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { actorOf } from '../identity/actor-of.ts'
import { acceptOffer } from './accept-offer.ts'
import { confirmDelivery } from './confirm-delivery.ts'
import { declineOffer } from './decline-offer.ts'
import type { DisputeDelivery } from './delivery-schemas.ts'
import { disputeDelivery } from './dispute-delivery.ts'
import { type LinkRow, lockLink } from './find-link.ts'
import { LinkForm } from './link-schemas.ts'
import { lockReferral } from './lock-referral.ts'
import type { LinkAction, OfferRefusal } from './schemas.ts'
import { actionLinks, deliveries } from './tables.ts'

/**
 * Does one of the link's actions in the name of whoever made it, and uses the link up: both, or neither.
 * @returns what was done.
 * @throws Refusal of `findLink` and of the action's own verb.
 */
export async function useActionLink(
  ctx: Context,
  { token, ...form }: { token: string; action?: unknown; reason?: unknown },
): Promise<LinkAction> {
  return inTransaction(ctx, async (ctx) => {
    const link = await lockLink(ctx, token)
    const { action, reason } = parseInput(LinkForm, form)
    if (!link.actions.includes(action)) {
      throw invalidInput([{ path: ['action'], message: 'is not what this link is for' }])
    }
    const acting = { ...ctx, actor: await actorOf(ctx, link.principalId) }
    await perform(acting, link, { action, reason })
    await acting.tx.update(actionLinks).set({ usedAt: ctx.clock() }).where(eq(actionLinks.id, link.id))
    const { id, referralId } = link
    await record(acting, 'action_link.use', id, { referralId, action })
    await emit(acting, 'action_link.used', id, acting.actor.organizationId, { referralId, action })
    return action
  })
}

/** The same verbs as through the API, on the version of this moment: the page names none. */
async function perform(
  ctx: TransactionContext,
  { referralId, deliveryId }: LinkRow,
  { action, reason }: LinkForm,
): Promise<void> {
  const { version } = await lockReferral(ctx, referralId)
  const offer = { id: referralId, expectedVersion: version }
  if (action === 'accept') await acceptOffer(ctx, offer)
  else if (action === 'decline') await declineOffer(ctx, { ...offer, ...({ reason } as OfferRefusal) })
  else {
    const delivery = { id: deliveryId!, expectedVersion: await versionOf(ctx, deliveryId!) }
    if (action === 'confirm_delivery') await confirmDelivery(ctx, delivery)
    else await disputeDelivery(ctx, { ...delivery, ...({ reason } as DisputeDelivery) })
  }
}

async function versionOf(ctx: TransactionContext, deliveryId: string): Promise<number> {
  const [row] = await ctx.tx
    .select({ version: deliveries.version })
    .from(deliveries)
    .where(eq(deliveries.id, deliveryId))
    .for('update')
  return row!.version
}
