/** What waiting needs would give for a place of an offering: the order in which places that become free are filled. */
import type { Context } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { type NeedInSight, needsInSight, stageOf } from './backfill-sight.ts'
import { priceOfUses, readPriceBook, sharedUsesOf, type UnitPrices } from './bid-prices.ts'
import type { InstantAsking } from './instant/asking.ts'
import { readAskings } from './instant/read-asking.ts'
import { marketOf, type Rules } from './instant/read-market.ts'
import { type Market, type Option, optionsAmong, withAncestors } from './options.ts'
import type { SnapshotNeed, SnapshotOffering, SnapshotResident } from './snapshot.ts'

/** An option at the place, and what the need gains by it net of the prices of all else that it takes. */
export interface Bid {
  option: Option
  /** Utility, an integer above 0. */
  bid: number
}

export interface WaitingBid extends Bid {
  stage: number
  asking: InstantAsking
}

/** The place that is bid for. */
export interface Place {
  offering: SnapshotOffering
  period: string
  rules: Rules
  /** Whom consents are judged for: who answers for the place being given; null = each resident's own partner. */
  recipientId: string | null
  /** As if places, staff time and funds had no end: who waits for them to become free. */
  isEndless?: boolean
}

/**
 * The best way to pay for the place, for this need: utility less the prices of staff time and fund. What the place itself
 * costs is what is being found out. Null where the offering is no option, or what else it takes is worth more to others.
 */
export function bestBid(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  offering: SnapshotOffering,
  prices: UnitPrices,
): Bid | null {
  const asked = { ...market, policy: { ...market.policy, optionsPerNeed: Number.MAX_SAFE_INTEGER } }
  let best: Bid | null = null
  for (const option of optionsAmong(asked, need, resident, [offering], 0).options) {
    const others = sharedUsesOf(need.quantity, option).filter(({ kind }) => kind !== 'capacity')
    const { bidPrice } = priceOfUses(
      prices,
      others.map(({ accountId, amount }) => [accountId, amount]),
    )
    const bid = option.utility - bidPrice
    if (bid > 0 && bid > (best?.bid ?? 0)) best = { option, bid }
  }
  return best
}

/** The earlier stage, then the higher bid; of equal ones, who waits longer; then in order of id. */
function byBid(one: WaitingBid, other: WaitingBid): number {
  const since = ({ asking }: WaitingBid) => asking.row.waitingSince.getTime()
  return (
    one.stage - other.stage ||
    other.bid - one.bid ||
    since(one) - since(other) ||
    (one.asking.row.id < other.asking.row.id ? -1 : 1)
  )
}

const CHUNK = 200

/**
 * The best bids of all that wait for the place, in order. Needs are looked at by what they can be worth at most, until
 * nobody is left who could bid as much as the last of those that are wanted.
 * @param count how many are wanted.
 * @param chunk how many needs are read in one statement.
 * @returns and how many needs were in sight, bidding or not.
 */
export async function bestBids(
  ctx: Context,
  place: Place,
  count: number,
  chunk = CHUNK,
): Promise<{ bids: WaitingBid[]; inSight: number }> {
  const { period, rules, isEndless = false } = place
  const offering = isEndless ? withoutEnd(place.offering) : place.offering
  const inSight = await needsInSight(ctx, offering, period, rules.policy)
  let bids: WaitingBid[] = []
  if (inSight.length === 0) return { bids, inSight: 0 }
  const staffTimeId = offering.staffTime?.accountId ?? null
  const book = await readPriceBook(ctx, { period, staffTimeId })
  for (const part of chunks(inSight, chunk)) {
    if (isDecided(bids, count, part[0]!)) break
    const ids = part.map(({ id }) => id)
    for (const asking of await readAskings(ctx, ids, place.recipientId)) {
      const prices = book.pricesIn(withAncestors(rules.parents, asking.resident.areaId))
      const market = marketOf(ctx, rules, isEndless ? { ...asking, programs: endless(asking) } : asking)
      const best = bestBid(market, asking.need, asking.resident, offering, prices)
      const stage = stageOf(rules.policy, asking.need.tier)
      if (best) bids.push({ asking, stage, ...best })
    }
    bids = bids.sort(byBid).slice(0, count)
  }
  return { bids, inSight: inSight.length }
}

/** Boundless, and yet a number that the database takes for a quantity. */
const BOUNDLESS = 2 ** 31 - 1

function withoutEnd(offering: SnapshotOffering): SnapshotOffering {
  const available = BOUNDLESS
  const { capacity, staffTime } = offering
  return {
    ...offering,
    capacity: { ...capacity, available },
    staffTime: staffTime && { ...staffTime, available },
  }
}

function endless({ programs }: InstantAsking): InstantAsking['programs'] {
  return programs.map((one) => ({ ...one, fund: { ...one.fund, available: Number.MAX_SAFE_INTEGER } }))
}

/** Whether the next one in sight, and so nobody after it, can be among the best. One that could bid as much might. */
function isDecided(bids: readonly WaitingBid[], count: number, next: NeedInSight): boolean {
  const last = bids[count - 1]
  return (
    last !== undefined && (last.stage < next.stage || (last.stage === next.stage && last.bid > next.most))
  )
}
