import { and, eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { periodAt } from '../../platform/period.ts'
import { areasWithinReach } from '../catalog/offering-reach.ts'
import { ownRows } from '../catalog/own-rows.ts'
import { locations, offerings } from '../catalog/tables.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import { bestBids, type WaitingBid } from './backfill-bids.ts'
import { isPlaceWithheld } from './instant/option-wire.ts'
import { readRulesForAll } from './instant/read-market.ts'
import { readOfferings } from './instant/read-offerings.ts'
import { WaitlistQuery } from './waitlist-schemas.ts'

export interface ListedWaitlist {
  offeringId: string
  period: string
  at: Date
  bids: WaitingBid[]
  /** Bids would tell the asker how far a confidential place is. */
  bidsWithheld: boolean
}

/**
 * Who waits for an offering's places in a month, in the order in which they get them as they become free. A purchaser
 * sees what consents let it see, others what they let each resident's own app see. Empty where matching may not use the
 * offering in that month.
 * @throws Refusal `not_found`, also beyond the actor's reach; `state_conflict` before a policy is adopted.
 */
export async function listWaitlist(
  ctx: Context,
  offeringId: string,
  input: WaitlistQuery,
): Promise<ListedWaitlist> {
  permit(ctx, 'waitlist.read')
  const at = ctx.clock()
  const { period = periodAt(at), limit } = parseInput(WaitlistQuery, input)
  await requireWithinReach(ctx, offeringId)
  const [offering] = await readOfferings(ctx, [offeringId], period)
  if (!offering) return { offeringId, period, at, bids: [], bidsWithheld: false }
  const { role, organizationId } = ctx.actor
  const rules = await readRulesForAll(ctx)
  const recipientId = role.startsWith('purchaser') ? organizationId : null
  // Whose residents they are is no question here: nothing of them is told.
  const reader = { ...ctx, actor: SYSTEM }
  const { bids } = await bestBids(reader, { offering, period, rules, recipientId, isEndless: true }, limit)
  return { offeringId, period, at, bids, bidsWithheld: isPlaceWithheld(ctx.actor, offering) }
}

async function requireWithinReach(ctx: Context, offeringId: string): Promise<void> {
  const [offering] = await query(ctx)
    .select({ id: offerings.id })
    .from(offerings)
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(
      and(eq(offerings.id, offeringId), ownRows(ctx, offerings.organizationId), await areasWithinReach(ctx)),
    )
  found(offering, 'offering')
}
