/** What may be booked, and what a booking is refused for; pure. */
import { Refusal } from '../../platform/errors.ts'
import { type Period, periodAt } from '../../platform/period.ts'
import { priceOfUses, sharedUsesOf, type UnitPrices } from '../matching/bid-prices.ts'
import type { Option } from '../matching/options.ts'
import type { Shortage, Sought } from '../matching/sought-option.ts'
import type { PolicyDocument, Tier } from '../policies/schemas.ts'
import { WAITING } from '../residents/need-lifecycle.ts'
import type { NeedState } from '../residents/schemas.ts'

/** @throws Refusal `state_conflict` for a need that does not wait, or whose month is over. */
export function requireOpenNeed({ state, period }: { state: NeedState; period: Period }, now: Date): void {
  if (!(WAITING as readonly NeedState[]).includes(state)) {
    throw new Refusal('state_conflict', `The need is ${state}: only one that waits can be booked for.`)
  }
  if (period < periodAt(now)) throw new Refusal('state_conflict', 'The month of the need is over.')
}

/** @throws Refusal `not_bookable` that names the tiers which residents may book themselves. */
export function requireBookable({ bookableTiers }: PolicyDocument, tier: Tier): void {
  if (bookableTiers.includes(tier)) return
  const which = bookableTiers.length > 0 ? bookableTiers.join(', ') : 'none'
  throw new Refusal(
    'not_bookable',
    `A ${tier} need is met by a match run; tiers that residents may book themselves: ${which}.`,
    { facts: { tier, bookableTiers } },
  )
}

/**
 * @param placeWithheld then it is not told by how much the way is too long.
 * @throws Refusal `insufficient` for what is used up, `not_an_option` for what never was one.
 */
export function requireOption(sought: Sought, placeWithheld: boolean): Option {
  if (sought.outcome === 'option') return sought.option
  if (sought.outcome === 'short') throw insufficient(sought.reason)
  const { reason } = sought
  const barriers = sought.barriers.map((barrier) =>
    placeWithheld && barrier.kind === 'reach' ? { ...barrier, by: null } : barrier,
  )
  throw new Refusal('not_an_option', `The offering is no option for this need (${reason}).`, {
    facts: { reason, barriers },
  })
}

const SHORT: Record<Shortage, string> = {
  no_capacity: 'The offering has not enough room left.',
  fund_exhausted: 'The program’s fund does not hold enough for its part any more.',
  over_wallet: 'The wallet does not hold what the resident would have to pay.',
}

export function insufficient(reason: Shortage): Refusal {
  return new Refusal('insufficient', SHORT[reason], { facts: { reason } })
}

/** An option that would be taken, as a refusal names it. */
export interface Accepted {
  offeringId: string
  programId: string | null
  /** Null where it would tell how far a confidential place is. */
  utility: number | null
  bidPrice: number
}

/** Alternatives that a refusal names. */
const MOST_ACCEPTED = 5

/**
 * Of a need's options, in their order, the first few whose utility covers what they take.
 * @param utilityToTell of an option that is named.
 */
export function acceptedAmong(
  options: readonly Option[],
  quantity: number,
  prices: UnitPrices,
  utilityToTell: (option: Option) => number | null = ({ utility }) => utility,
): Accepted[] {
  return options
    .map((option) => ({ option, bidPrice: bidOf(option, quantity, prices).bidPrice }))
    .filter(({ option, bidPrice }) => option.utility >= bidPrice)
    .slice(0, MOST_ACCEPTED)
    .map(({ option, bidPrice }) => ({
      offeringId: option.offering.id,
      programId: option.program?.id ?? null,
      utility: utilityToTell(option),
      bidPrice,
    }))
}

/** What an option's scarce uses are worth together, and each. */
export function bidOf(option: Option, quantity: number, prices: UnitPrices) {
  const uses = sharedUsesOf(quantity, option)
  const kinds = new Map(uses.map(({ accountId, kind }) => [accountId, kind]))
  const { bidPrice, accounts } = priceOfUses(
    prices,
    uses.map(({ accountId, amount }) => [accountId, amount]),
  )
  return {
    bidPrice,
    accounts: accounts.map(({ accountId, price, amount }) => ({
      accountId,
      kind: kinds.get(accountId)!,
      price,
      amount,
    })),
  }
}
