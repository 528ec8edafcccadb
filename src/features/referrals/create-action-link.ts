import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { DAY_MS } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import { openActions } from './link-actions.ts'
import { CreateActionLink, DELIVERY_ACTIONS } from './link-schemas.ts'
import { linkToken } from './link-token.ts'
import type { DeliveryRow } from './record-delivery.ts'
import type { LinkAction } from './schemas.ts'
import { actionLinks, deliveries } from './tables.ts'

const USUAL_DAYS = 7
const MOST_DAYS = 30

/** The address that the resident is sent, and what it is good for. */
export interface IssuedLink {
  url: string
  expiresAt: Date
  actions: LinkAction[]
}

/**
 * Makes an address under which a resident answers once, without an app. The answer is the only place it is shown.
 * @throws Refusal `not_found` for another partner's resident, `invalid_input` for a delivery that is not this
 *   referral's and a time that is over or too far off, `state_conflict` when one of the actions is not open any more.
 */
export async function createActionLink(
  ctx: Context,
  { referralId, ...input }: CreateActionLink & { referralId: string },
): Promise<IssuedLink> {
  permit(ctx, 'action_link.create')
  const wanted = parseInput(CreateActionLink, input)
  return inTransaction(ctx, async (ctx) => {
    const referral = await getReferral(ctx, referralId)
    const delivery = await namedDelivery(ctx, referralId, wanted)
    const open = openActions(wanted.actions, referral, delivery)
    const over = wanted.actions.find((action) => !open.includes(action))
    if (over) throw new Refusal('state_conflict', `There is nothing left to answer here (${over}).`)
    const expiresAt = expiryOf(ctx.clock(), wanted, referral)
    const id = ctx.newId()
    await ctx.tx.insert(actionLinks).values({
      id,
      referralId,
      deliveryId: delivery?.id ?? null,
      actions: wanted.actions,
      principalId: ctx.actor.principalId,
      expiresAt,
      createdAt: ctx.clock(),
    })
    await record(ctx, 'action_link.create', id, { referralId, actions: wanted.actions })
    await emit(ctx, 'action_link.created', id, referral.partnerId, { referralId, actions: wanted.actions })
    const url = `${ctx.publisher.url}/a/${linkToken(ctx.encryptionKey, id)}`
    return { url, expiresAt, actions: wanted.actions }
  })
}

type Wanted = ReturnType<typeof CreateActionLink.parse>

/** The delivery that the actions are about; null where they are about the offer. */
async function namedDelivery(
  ctx: Context,
  referralId: string,
  { actions, deliveryId }: Wanted,
): Promise<DeliveryRow | null> {
  const refuse = (message: string) => invalidInput([{ path: ['deliveryId'], message }])
  const isNeeded = actions.some((action) => DELIVERY_ACTIONS.includes(action))
  if (deliveryId === undefined) {
    if (isNeeded) throw refuse('is missing')
    return null
  }
  if (!isNeeded) throw refuse('is given for confirm_delivery and dispute_delivery only')
  const [delivery] = await query(ctx)
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.id, deliveryId), eq(deliveries.referralId, referralId)))
  if (!delivery) throw refuse('names no delivery of this referral')
  return delivery
}

function expiryOf(now: Date, { actions, expiresAt }: Wanted, { answerBy }: ReferralRow): Date {
  const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS)
  if (expiresAt === undefined) {
    const isOffer = actions.some((action) => !DELIVERY_ACTIONS.includes(action))
    return isOffer && answerBy && answerBy > now ? answerBy : inDays(USUAL_DAYS)
  }
  const at = new Date(expiresAt)
  const refuse = (message: string) => invalidInput([{ path: ['expiresAt'], message }])
  if (at <= now) throw refuse('must be in the future')
  if (at > inDays(MOST_DAYS)) throw refuse(`must be within ${MOST_DAYS} days`)
  return at
}
