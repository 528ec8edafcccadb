import { eq } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { DAY_MS } from '../../platform/period.ts'
import { offerings } from '../catalog/tables.ts'
import { permit } from '../identity/permissions.ts'
import { readUnitPrices, sharedUsesOf } from '../matching/bid-prices.ts'
import type { MatchRow } from '../matching/get-run.ts'
import type { InstantAsking } from '../matching/instant/asking.ts'
import { candidatesFor } from '../matching/instant/candidates.ts'
import type { InstantOffering } from '../matching/instant/kind-tables.ts'
import { isPlaceWithheld } from '../matching/instant/option-wire.ts'
import { readAsking } from '../matching/instant/read-asking.ts'
import { type InstantMarket, marketOf, readMarket } from '../matching/instant/read-market.ts'
import { readOfferings } from '../matching/instant/read-offerings.ts'
import { type Option, optionsAmong, withAncestors } from '../matching/options.ts'
import { seekOption } from '../matching/sought-option.ts'
import { takeOption } from '../matching/take-option.ts'
import { programs } from '../programs/tables.ts'
import { keepFacts } from '../residents/keep-facts.ts'
import { CreateBooking } from './booking-schemas.ts'
import {
  acceptedAmong,
  bidOf,
  insufficient,
  requireBookable,
  requireOpenNeed,
  requireOption,
} from './booking-terms.ts'
import { TRANSITIONS } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import { referrals } from './tables.ts'

/** What was booked, and the referral that it opened. */
export type BookingRow = Pick<
  MatchRow,
  | 'needId'
  | 'offeringId'
  | 'programId'
  | 'price'
  | 'subsidy'
  | 'copayment'
  | 'walkingMinutes'
  | 'utility'
  | 'parts'
> &
  Pick<typeof referrals.$inferSelect, 'matchId' | 'status' | 'answerBy'> & {
    referralId: string
    /** Where it is, and how far, must not be told to whoever books. */
    placeWithheld: boolean
  }

type Wanted = z.output<typeof CreateBooking>

/**
 * Takes one option of a waiting need at once: place, staff time, fund and wallet together or nothing. The resident has
 * said yes by booking; the provider answers as for any other referral.
 * @throws Refusal `not_found` for another partner's need and an unknown offering, `state_conflict` for a need that does
 *   not wait, `not_bookable` for its tier, `not_an_option`, `insufficient` where another was faster, `outbid` where what
 *   it takes is worth more to others, with what would be accepted.
 */
export async function createBooking(
  ctx: Context,
  { needId, ...input }: CreateBooking & { needId: string },
): Promise<BookingRow> {
  permit(ctx, 'booking.create')
  const wanted = parseInput(CreateBooking, input)
  return inTransaction(ctx, async (ctx) => {
    await keepFacts(ctx, needId)
    const asking = await readAsking(ctx, needId)
    requireOpenNeed(asking.row, ctx.clock())
    const market = await readMarket(ctx, asking)
    requireBookable(market.policy, asking.need.tier)
    // Balances are looked at before anything is locked: whoever comes too late goes again at little cost.
    const option = await soughtOption(ctx, asking, market, wanted)
    await requireBid(ctx, asking, market, option)
    const match = await takeOption(ctx, asking, option)
    if (!match) throw await whatIsShort(ctx, market, needId, wanted)
    return openBooked(ctx, asking, market, option, match)
  })
}

async function soughtOption(
  ctx: TransactionContext,
  { row, need, resident }: InstantAsking,
  market: InstantMarket,
  { offeringId, programId }: Wanted,
): Promise<Option> {
  const [offering] = await readOfferings(ctx, [offeringId], row.period)
  if (offering) {
    const sought = seekOption(market, need, resident, offering, programId)
    return requireOption(sought, isPlaceWithheld(ctx.actor, offering))
  }
  const [known] = await ctx.tx
    .select({ state: offerings.state })
    .from(offerings)
    .where(eq(offerings.id, offeringId))
  if (found(known, 'offering').state === 'published') throw insufficient('no_capacity')
  return requireOption({ outcome: 'unfit', reason: 'not_offered', barriers: [] }, false)
}

/** Bid-price control: so that early comers don't take what the next run needs more. */
async function requireBid(
  ctx: TransactionContext,
  asking: InstantAsking,
  market: InstantMarket,
  option: Option,
): Promise<void> {
  const { quantity } = asking.need
  const { bidPrice, accounts } = bidOf(option, quantity, await pricesFor(ctx, asking, market, [option]))
  if (option.utility >= bidPrice) return
  const { offerings, outOfSight } = await candidatesFor(ctx, asking, market)
  const { options } = optionsAmong(market, asking.need, asking.resident, offerings, outOfSight)
  const prices = await pricesFor(ctx, asking, market, options)
  const worthOf = (one: Option) => tellableUtility(ctx, one)
  const accepted = acceptedAmong(options, quantity, prices, worthOf)
  throw new Refusal(
    'outbid',
    'By the last match run’s prices, what this takes is worth more to others than to this need.',
    { facts: { utility: worthOf(option), bidPrice, accounts, accepted } },
  )
}

/** Null where it would tell how far a confidential place is. */
function tellableUtility({ actor }: Context, { offering, walkingMinutes, utility }: Option): number | null {
  return walkingMinutes !== null && isPlaceWithheld(actor, offering as InstantOffering) ? null : utility
}

function pricesFor(ctx: TransactionContext, asking: InstantAsking, market: InstantMarket, options: Option[]) {
  const { need, resident, row } = asking
  const accountIds = options.flatMap((one) =>
    sharedUsesOf(need.quantity, one).map(({ accountId }) => accountId),
  )
  const areaIds = [...withAncestors(market.parents, resident.areaId)]
  return readUnitPrices(ctx, { period: row.period, areaIds, accountIds: [...new Set(accountIds)] })
}

/** Somebody was faster by a moment: says what is short, as those hear who come later. */
async function whatIsShort(
  ctx: TransactionContext,
  market: InstantMarket,
  needId: string,
  wanted: Wanted,
): Promise<Refusal> {
  const asking = await readAsking(ctx, needId)
  await soughtOption(ctx, asking, marketOf(ctx, market, asking), wanted)
  return insufficient('no_capacity')
}

async function openBooked(
  ctx: TransactionContext,
  { partnerId, need }: InstantAsking,
  { policy }: InstantMarket,
  { offering }: Option,
  match: MatchRow,
): Promise<BookingRow> {
  const now = ctx.clock()
  const { id: matchId, needId, residentId, offeringId, programId, price, subsidy, copayment } = match
  const [referral] = await ctx.tx
    .insert(referrals)
    .values({
      id: ctx.newId(),
      matchId,
      residentId,
      providerId: offering.organizationId,
      partnerId,
      purchaserId: await purchaserOf(ctx, programId),
      quantity: need.quantity,
      status: TRANSITIONS.request.to,
      residentAnswer: 'accepted',
      residentAnsweredAt: now,
      answerBy: new Date(now.getTime() + policy.decisionDays * DAY_MS),
      createdAt: now,
      changedAt: now,
    })
    .returning()
  const { id: referralId, status, answerBy } = referral!
  const parties = partiesOf(referral!)
  const terms = { needId, offeringId, programId, price, subsidy, copayment }
  await record(ctx, 'booking.create', referralId, { matchId, ...terms })
  await emit(ctx, 'booking.created', referralId, parties, { matchId, ...terms })
  await emit(ctx, 'referral.opened', referralId, parties, { matchId, needId, status })
  const { walkingMinutes, utility, parts } = match
  const placeWithheld = isPlaceWithheld(ctx.actor, offering as InstantOffering)
  return { referralId, matchId, ...terms, walkingMinutes, utility, parts, placeWithheld, status, answerBy }
}

/** Whose money it is. */
async function purchaserOf(ctx: TransactionContext, programId: string | null): Promise<string | null> {
  if (!programId) return null
  const [program] = await ctx.tx
    .select({ organizationId: programs.organizationId })
    .from(programs)
    .where(eq(programs.id, programId))
  return program!.organizationId
}
