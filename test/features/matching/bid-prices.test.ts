import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bidPriceOf, priceOfUses } from '../../../src/features/matching/bid-prices.ts'
import { buildProblem } from '../../../src/features/matching/build-problem.ts'
import { cancelRun } from '../../../src/features/matching/cancel-run.ts'
import { solveRun as solve } from '../../../src/features/matching/solve-run.ts'
import { runPrices } from '../../../src/features/matching/tables.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import {
  type Marketplace,
  openMarketplace,
  order,
  person,
  propose,
  register,
  solveRun,
} from './marketplace.ts'
import { need, offering, POLICY, resident, snapshot } from './snapshots.ts'

describe('the bid price of what is taken', () => {
  const prices = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 2 ** 30 }))
  const uses = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 1000 })))

  it('is price × amount over the scarce accounts, rounded up to a utility', () => {
    fc.assert(
      fc.property(prices, uses, fc.constantFrom(1, 4, 1024), (whole, uses, scale) => {
        const found = priceOfUses(new Map(Object.entries(whole).map(([id, n]) => [id, n / scale])), uses)
        const exact = uses.reduce((sum, [id, amount]) => sum + BigInt(whole[id] ?? 0) * BigInt(amount), 0n)
        expect(BigInt(found.bidPrice)).toBe((exact + BigInt(scale) - 1n) / BigInt(scale))
        for (const { accountId } of found.accounts) expect(Object.keys(whole)).toContain(accountId)
      }),
    )
  })

  it('is nothing where nothing is scarce', () => {
    expect(priceOfUses(new Map(), [['a', 3]])).toEqual({ bidPrice: 0, accounts: [] })
  })
})

describe('prices of a solved run', () => {
  const crowd = (tiers: ('basic' | 'personalized')[]) =>
    snapshot({
      residents: tiers.map((_, n) =>
        resident({ id: `r${n}`, wallet: { accountId: `w${n}`, available: 1000 } }),
      ),
      needs: tiers.map((tier, n) => need({ id: `n${n}`, residentId: `r${n}`, tier })),
      offerings: [offering({ id: 'scarce', capacity: { accountId: 'scarce', available: 2, limit: 2 } })],
    })
  const pricesOf = (order: 'weighted' | 'by_tier', tiers: ('basic' | 'personalized')[]) =>
    solve(buildProblem(crowd(tiers)), order, { seed: 1, rounds: 40 }).unitPrices

  it.each(['weighted', 'by_tier'] as const)(
    'are those of whom the scarce place was taken from (%s)',
    (order) => {
      const [price] = pricesOf(order, ['basic', 'basic', 'basic', 'personalized'])
      const [plenty] = pricesOf(order, ['basic'])
      expect(plenty).toBe(0)
      const { tierWeights } = POLICY
      // A place is worth about what a basic need would give for it: more than any personalized one would.
      expect(price).toBeGreaterThan(tierWeights.personalized * 100 * 100)
    },
  )
})

describe('prices of the latest run', () => {
  let market: Marketplace
  beforeAll(async () => {
    market = await openMarketplace()
  })
  afterAll(() => market.world.close())

  const capacityOf = async (offeringId: string) => {
    const [row] = await market.world.db.root.select().from(accounts).where(eq(accounts.ownerId, offeringId))
    return row!.id
  }
  const ask = async (areaIds: string[], period = PERIOD) =>
    bidPriceOf(market.as(market.partner), {
      period,
      areaIds,
      uses: [
        [await capacityOf(market.offerings.club), 1],
        [await capacityOf(market.offerings.helpers), 1],
      ],
    })

  it('is nothing before the first run', async () => {
    expect(await ask([market.areas.north])).toEqual({ bidPrice: 0, accounts: [] })
  })

  it('takes a run’s prices of scarce accounts, of its area and period only', async () => {
    const { north, district, south } = market.areas
    await register(
      market,
      Array.from({ length: 6 }, () => person(north)),
    )
    const run = await propose(market)
    const { bidPrice, accounts } = await ask([north, district])
    expect(accounts.map(({ accountId }) => accountId)).toEqual([await capacityOf(market.offerings.club)])
    expect(bidPrice).toBe(Math.ceil(accounts[0]!.price))
    expect(await ask([north, south])).toEqual({ bidPrice: 0, accounts: [] })
    expect(await ask([north, district], '2027-01')).toEqual({ bidPrice: 0, accounts: [] })
    expect(await market.world.db.root.$count(runPrices, eq(runPrices.runId, run.id))).toBeGreaterThan(0)
  })

  it('go with a run that is cancelled; those of the run before stay in force', async () => {
    const { north, district } = market.areas
    const before = await ask([north, district])
    await register(market, [person(north), person(north)])
    const run = await order(market)
    await solveRun(market, run.id)
    expect(await ask([north, district])).toEqual(before)
    await cancelRun(market.as(market.officer), run.id)
    expect(await market.world.db.root.$count(runPrices, eq(runPrices.runId, run.id))).toBe(0)
    expect(await ask([north, district])).toEqual(before)
  })
})
