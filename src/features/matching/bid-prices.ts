/**
 * Bid-price control: what a booking takes of scarce accounts is worth what the last run reckoned that others would give
 * for it, so that who comes early does not take what the next run needs for those who need it more.
 */
import { and, desc, eq, inArray, or } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import type { Option } from './options.ts'
import { matchRuns, runPrices } from './tables.ts'

/** An account and how many of its units are taken. */
export type PricedUse = readonly [accountId: string, amount: number]

/** Utility per unit of an account; what is not in it is not scarce. */
export type UnitPrices = ReadonlyMap<string, number>

export interface BidPrice {
  /** The lowest utility that is worth what is taken: an integer, as utilities are. */
  bidPrice: number
  /** The scarce ones among the accounts. */
  accounts: { accountId: string; price: number; amount: number }[]
}

/** Prices are floating point: so much less than a whole unit of utility is nothing. */
const NOTHING = 1e-6

/** What an option takes of accounts that many share. */
export interface SharedUse {
  accountId: string
  kind: 'capacity' | 'staff_time' | 'fund'
  amount: number
}

/** Places, staff time and money of a fund; what the resident has alone is scarce for nobody else. */
export function sharedUsesOf(quantity: number, { offering, program, subsidy }: Option): SharedUse[] {
  const { capacity, staffTime, staffMinutesPerUnit } = offering
  const uses: SharedUse[] = [{ accountId: capacity.accountId, kind: 'capacity', amount: quantity }]
  if (staffTime) {
    const amount = quantity * staffMinutesPerUnit
    uses.push({ accountId: staffTime.accountId, kind: 'staff_time', amount })
  }
  if (program) uses.push({ accountId: program.fund.accountId, kind: 'fund', amount: subsidy })
  return uses
}

/** Σ price × amount. */
export function priceOfUses(prices: UnitPrices, uses: readonly PricedUse[]): BidPrice {
  const accounts = uses.flatMap(([accountId, amount]) => {
    const price = prices.get(accountId) ?? 0
    return price > 0 && amount > 0 ? [{ accountId, price, amount }] : []
  })
  const total = accounts.reduce((sum, { price, amount }) => sum + price * amount, 0)
  return { bidPrice: Math.max(0, Math.ceil(total - NOTHING)), accounts }
}

/** States of a run whose prices stand. */
const PRICED = ['proposed', 'returned', 'approved'] as const

/**
 * Prices by the latest run of the period, proposed or approved, over any of these areas; none where there was no run.
 * For bookings, whose own verb has asked for permission and reach.
 *
 * @param areaIds the resident's area and those around it.
 */
export async function readUnitPrices(
  ctx: Context,
  { period, areaIds, accountIds }: { period: string; areaIds: string[]; accountIds: string[] },
): Promise<UnitPrices> {
  if (accountIds.length === 0) return new Map()
  const latest = query(ctx)
    .select({ id: matchRuns.id })
    .from(matchRuns)
    .where(
      and(
        eq(matchRuns.period, period),
        inArray(matchRuns.areaId, areaIds),
        inArray(matchRuns.state, [...PRICED]),
      ),
    )
    .orderBy(desc(matchRuns.finishedAt), desc(matchRuns.id))
    .limit(1)
  const rows = await query(ctx)
    .select({ accountId: runPrices.accountId, price: runPrices.price })
    .from(runPrices)
    .where(and(inArray(runPrices.runId, latest), inArray(runPrices.accountId, accountIds)))
  return new Map(rows.map(({ accountId, price }) => [accountId, price]))
}

/** The bid price of these uses by the latest run of the period and area. */
export async function bidPriceOf(
  ctx: Context,
  { period, areaIds, uses }: { period: string; areaIds: string[]; uses: readonly PricedUse[] },
): Promise<BidPrice> {
  const accountIds = uses.map(([accountId]) => accountId)
  return priceOfUses(await readUnitPrices(ctx, { period, areaIds, accountIds }), uses)
}

/** Prices of accounts by who pays for them, for many needs at once. */
export interface PriceBook {
  /** @param areas the resident's area and those around it. */
  pricesIn(areas: ReadonlySet<string>): UnitPrices
}

const NO_PRICES: UnitPrices = new Map()

/**
 * The same prices as `readUnitPrices` gives, of the funds of a period and of one account of staff time, for residents of
 * whatever area. For backfills, whose own verb has asked for permission.
 */
export async function readPriceBook(
  ctx: Context,
  { period, staffTimeId }: { period: string; staffTimeId: string | null },
): Promise<PriceBook> {
  const { id, areaId, finishedAt } = matchRuns
  const runs = await query(ctx)
    .selectDistinctOn([areaId], { id, areaId, finishedAt })
    .from(matchRuns)
    .where(and(eq(matchRuns.period, period), inArray(matchRuns.state, [...PRICED])))
    .orderBy(areaId, desc(finishedAt), desc(id))
  runs.sort(byAge)
  const prices = await pricesOfRuns(
    ctx,
    runs.map((run) => run.id),
    { period, staffTimeId },
  )
  return {
    pricesIn(areas) {
      const latest = runs.find((run) => areas.has(run.areaId))
      return (latest && prices.get(latest.id)) ?? NO_PRICES
    },
  }
}

type Finished = { id: string; finishedAt: Date | null }

/** The latest first; as the database orders them, of which one that has no end yet comes before all. */
function byAge(one: Finished, other: Finished): number {
  const ends = (run: Finished) => run.finishedAt?.getTime() ?? Number.POSITIVE_INFINITY
  if (ends(one) !== ends(other)) return ends(one) > ends(other) ? -1 : 1
  return one.id > other.id ? -1 : 1
}

async function pricesOfRuns(
  ctx: Context,
  runIds: readonly string[],
  { period, staffTimeId }: { period: string; staffTimeId: string | null },
): Promise<Map<string, Map<string, number>>> {
  const prices = new Map<string, Map<string, number>>()
  if (runIds.length === 0) return prices
  const { runId, accountId, price } = runPrices
  const rows = await query(ctx)
    .select({ runId, accountId, price })
    .from(runPrices)
    .innerJoin(accounts, eq(accounts.id, accountId))
    .where(
      and(
        inArray(runId, [...runIds]),
        or(
          and(eq(accounts.kind, 'fund'), eq(accounts.period, period)),
          staffTimeId ? eq(accounts.id, staffTimeId) : undefined,
        ),
      ),
    )
  for (const row of rows) {
    const ofRun = prices.get(row.runId) ?? new Map<string, number>()
    prices.set(row.runId, ofRun.set(row.accountId, row.price))
  }
  return prices
}
