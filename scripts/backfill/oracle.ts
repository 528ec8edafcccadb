/**
 * Who should get a place that became free, found the slow way: every waiting need of the kind is asked at every price,
 * nobody is left out because of where they live or what they could be worth at most, and what each winner takes is
 * reckoned here. Shares with the product what an option is and what it is worth, and nothing of the ranking.
 */
import { sql } from 'drizzle-orm'
import type { InstantAsking } from '../../src/features/matching/instant/asking.ts'
import { readAskings } from '../../src/features/matching/instant/read-asking.ts'
import { readMarket } from '../../src/features/matching/instant/read-market.ts'
import { readOfferings } from '../../src/features/matching/instant/read-offerings.ts'
import type { Market, Option } from '../../src/features/matching/options.ts'
import type { SnapshotOffering } from '../../src/features/matching/snapshot.ts'
import { seekOption } from '../../src/features/matching/sought-option.ts'
import { type Context, inTransaction } from '../../src/platform/context.ts'

export interface Expected {
  needId: string
  bid: number
}

interface Waiting {
  asking: InstantAsking
  market: Market
}

/** What is left while the place is given away. */
interface Stock {
  offering: SnapshotOffering
  waiting: Waiting[]
  prices: ReadonlyMap<string, number>
}

/** The winners of so many units, in order, and what each bids. */
export function expectedWinners(
  ctx: Context,
  place: { offeringId: string; period: string; units: number; runId: string; purchaserId: string },
): Promise<Expected[]> {
  return inTransaction(ctx, async (ctx) => {
    const stock = await readStock(ctx, place)
    const winners: Expected[] = []
    let { units } = place
    while (stock && units > 0) {
      const best = bestOf(stock)
      if (!best) break
      winners.push({ needId: best.waiting.asking.need.id, bid: best.bid })
      take(stock, best)
      units -= best.waiting.asking.need.quantity
    }
    return winners
  })
}

async function readStock(
  ctx: Context,
  { offeringId, period, runId, purchaserId }: Parameters<typeof expectedWinners>[1],
): Promise<Stock | null> {
  const [offering] = await readOfferings(ctx, [offeringId], period)
  if (!offering) return null
  const ids = await rowsOf<{ id: string }>(
    ctx,
    sql`select n.id from needs n where n.period = ${period} and n.state in ('registered', 'unmet')
      and n.stayed_at is null and n.category = ${offering.category} and n.term = ${offering.term}
      and n.id not in (select need_id from matches where offering_id = ${offeringId} and state in ('excluded', 'released'))`,
  )
  const waiting: Waiting[] = []
  let market: Market | null = null
  const all = await readAskings(
    ctx,
    ids.map(({ id }) => id),
    purchaserId,
  )
  // Whose areas they are does not matter: all are below the one that the run was for.
  const parents = Object.fromEntries(
    (
      await rowsOf<{ id: string; parent: string | null }>(ctx, sql`select id, parent_id as parent from areas`)
    ).map(({ id, parent }) => [id, parent]),
  )
  for (const asking of all) {
    market ??= await readMarket(ctx, asking)
    const { programs, drawn } = asking
    waiting.push({ asking, market: { ...market, parents, programs, drawn } })
  }
  const prices = await rowsOf<{ account: string; price: number }>(
    ctx,
    sql`select account_id as account, price from run_prices where run_id = ${runId}`,
  )
  return { offering, waiting, prices: new Map(prices.map(({ account, price }) => [account, Number(price)])) }
}

async function rowsOf<Row>(ctx: Context, statement: ReturnType<typeof sql>): Promise<Row[]> {
  return ((await ctx.tx!.execute(statement)) as unknown as { rows: Row[] }).rows
}

interface Best {
  waiting: Waiting
  option: Option
  bid: number
}

function bestOf({ offering, waiting, prices }: Stock): Best | null {
  const bids = waiting.flatMap((one) => bidsOf(one, offering, prices))
  const since = ({ waiting }: Best) => waiting.asking.row.waitingSince.getTime()
  const id = ({ waiting }: Best) => waiting.asking.need.id
  let best: Best | null = null
  for (const one of bids) {
    const isBetter =
      best === null ||
      one.bid > best.bid ||
      (one.bid === best.bid &&
        (since(one) < since(best) || (since(one) === since(best) && id(one) < id(best))))
    if (isBetter) best = one
  }
  return best
}

/** Of every way to pay that there is, those that leave something. */
function bidsOf(waiting: Waiting, offering: SnapshotOffering, prices: ReadonlyMap<string, number>): Best[] {
  const { asking, market } = waiting
  const plans = [null, ...asking.programs.map(({ id }) => id)]
  return plans.flatMap((programId) => {
    const sought = seekOption(market, asking.need, asking.resident, offering, programId)
    if (sought.outcome !== 'option') return []
    const { option } = sought
    let cost = 0
    for (const [accountId, amount] of othersTaken(asking, option))
      cost += (prices.get(accountId) ?? 0) * amount
    const bid = option.utility - Math.ceil(cost - 1e-6)
    return bid > 0 ? [{ waiting, option, bid }] : []
  })
}

/** Besides places: staff time and money of the fund. */
function othersTaken({ need }: InstantAsking, { offering, program, subsidy }: Option): [string, number][] {
  const { staffTime, staffMinutesPerUnit } = offering
  return [
    ...(staffTime ? [[staffTime.accountId, need.quantity * staffMinutesPerUnit] as [string, number]] : []),
    ...(program ? [[program.fund.accountId, subsidy] as [string, number]] : []),
  ]
}

function take(stock: Stock, { waiting: winner, option }: Best): void {
  const { quantity, residentId } = winner.asking.need
  const { offering } = stock
  const { capacity, staffTime, staffMinutesPerUnit } = offering
  stock.offering = {
    ...offering,
    capacity: { ...capacity, available: capacity.available - quantity },
    staffTime: staffTime && { ...staffTime, available: staffTime.available - quantity * staffMinutesPerUnit },
  }
  stock.waiting = stock.waiting
    .filter((one) => one !== winner)
    .map(({ asking, market }) => {
      const programs = asking.programs.map((one) =>
        one.id === option.program?.id
          ? { ...one, fund: { ...one.fund, available: one.fund.available - option.subsidy } }
          : one,
      )
      const isSame = asking.need.residentId === residentId
      const { resident } = asking
      const wallet = resident.wallet && {
        ...resident.wallet,
        available: resident.wallet.available - (isSame ? option.copayment : 0),
      }
      const drawn = { ...market.drawn }
      if (isSame && option.program && option.program.residentCap !== null) {
        const key = `${option.program.id} ${residentId}`
        drawn[key] = (drawn[key] ?? 0) + option.subsidy
      }
      return {
        asking: { ...asking, programs, resident: { ...resident, wallet } },
        market: { ...market, programs, drawn },
      }
    })
}
