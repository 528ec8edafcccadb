/** The options of a need at this moment: those that a run would find, by the same code, without reading the city. */
import type { Context } from '../../../platform/context.ts'
import type { NeedRow } from '../../residents/register-need.ts'
import { type FreshIndex, freshIndex, indexAsOf } from '../../search/offering-index.ts'
import { askingOf, CHECKS, type Option, optionsAmong, rankedAmong, withParts } from '../options.ts'
import type { InstantAsking } from './asking.ts'
import { type Candidates, candidatesFor, standingNear } from './candidates.ts'
import { type InstantOffering, withAccounts } from './kind-tables.ts'
import { readAsking } from './read-asking.ts'
import { type Balances, readBalances } from './read-balances.ts'
import { type InstantMarket, marketOf, readMarket, rulesOf } from './read-market.ts'

export interface InstantOption extends Option {
  offering: InstantOffering
}

export interface FoundOptions {
  need: NeedRow
  asking: InstantAsking
  market: InstantMarket
  /** As a run would rank them: at most as many as the policy keeps per need. */
  options: InstantOption[]
}

/**
 * What could serve the need now, the most useful first. Outside of transactions from the index, which has everything
 * that was committed before the call; inside one by what the transaction sees (see `candidatesFor`).
 * @throws Refusal `not_found`, also for a need of another partner's resident; `state_conflict` before a policy is
 *   adopted.
 */
export async function findOptions(ctx: Context, needId: string): Promise<FoundOptions> {
  if (ctx.tx) return (await findAmongAll(ctx, needId)).found
  const asking = await readAsking(ctx, needId)
  const index = indexAsOf(ctx, asking.newestEvent) ?? (await freshIndex(ctx))
  const market = marketOf(ctx, await rulesOf(ctx, index.surroundings), asking)
  return { need: asking.row, asking, market, options: await bestOf(ctx, index, asking, market) }
}

/** The same and every candidate with its accounts, so that it can be told why the others are no options. */
export async function findAmongAll(
  ctx: Context,
  needId: string,
): Promise<{ found: FoundOptions; candidates: Candidates }> {
  const asking = await readAsking(ctx, needId)
  const market = await readMarket(ctx, asking)
  const candidates = await candidatesFor(ctx, asking, market)
  const { offerings, outOfSight } = candidates
  const { options } = optionsAmong(market, asking.need, asking.resident, offerings, outOfSight)
  return { found: { need: asking.row, asking, market, options: options as InstantOption[] }, candidates }
}

/** Options beyond those that are kept, whose accounts are asked for as well: some of the best are full. */
const SPARE = 24

/**
 * The same options as `optionsAmong` of all candidates with their accounts. What an offering has left decides whether it
 * is an option and nothing else of it, so all are ranked as if they had no end, and the ledger is asked about the best.
 */
async function bestOf(
  ctx: Context,
  index: FreshIndex,
  asking: InstantAsking,
  market: InstantMarket,
): Promise<InstantOption[]> {
  const { near } = standingNear(ctx, index, asking, market)
  const { policy } = market
  const { optionsPerNeed } = policy
  const held = askingOf(market, asking.need, asking.resident)
  const { ranked } = rankedAmong(held, near)
  const options: InstantOption[] = []
  for (let from = 0, most = optionsPerNeed + SPARE; from < ranked.length; from += most) {
    const part = ranked.slice(from, from + most)
    const offerings = [...new Set(part.map(({ offering }) => offering as InstantOffering))]
    const left = withWhatIsLeft(offerings, await readBalances(ctx, asking.row.period, offerings))
    for (const option of part) {
      const offering = left.get(option.offering as InstantOffering)
      if (!offering || CHECKS.places(held, offering) || CHECKS.staff(held, offering)) continue
      options.push(withParts(policy, option, offering))
      if (options.length === optionsPerNeed) return options
    }
  }
  return options
}

function withWhatIsLeft(offerings: readonly InstantOffering[], balances: Balances) {
  const left = new Map<InstantOffering, InstantOffering>()
  for (const [at, offering] of offerings.entries()) {
    const balance = balances[at]
    if (balance) left.set(offering, withAccounts(offering, balance))
  }
  return left
}
