/** Random towns: what is found in order, in parts and without looking at everybody, is what looking at all of them finds. */
import { and, eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setStaffTime } from '../../../src/features/catalog/set-staff-time.ts'
import { bestBids, type Place } from '../../../src/features/matching/backfill-bids.ts'
import { backfillPlace } from '../../../src/features/matching/backfill-place.ts'
import { readUnitPrices, sharedUsesOf, type UnitPrices } from '../../../src/features/matching/bid-prices.ts'
import { readAsking } from '../../../src/features/matching/instant/read-asking.ts'
import { marketOf, type Rules, readRulesForAll } from '../../../src/features/matching/instant/read-market.ts'
import { readOfferings } from '../../../src/features/matching/instant/read-offerings.ts'
import { withAncestors } from '../../../src/features/matching/options.ts'
import { seekOption } from '../../../src/features/matching/sought-option.ts'
import { matches } from '../../../src/features/matching/tables.ts'
import type { RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { Priority } from '../../../src/features/residents/schemas.ts'
import { needs, residents } from '../../../src/features/residents/tables.ts'
import { type Context, inTransaction, query } from '../../../src/platform/context.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import { Backfills } from './backfill-world.ts'
import { person, register, wants } from './marketplace.ts'
import { metersNorth } from './snapshots.ts'

type ResidentInput = RegisterResidents['residents'][number]

const resident = fc.record({
  isSouth: fc.boolean(),
  meters: fc.integer({ min: -1200, max: 1200 }),
  mobility: fc.constantFrom('independent' as const, 'slow' as const),
  level: fc.constantFrom(0, 0, 3, 8),
  wallet: fc.integer({ min: 1000, max: 12_000 }),
  consents: fc.constantFrom(true, true, true, false),
  tier: fc.constantFrom('basic' as const, 'inclusive' as const, 'personalized' as const),
  priority: fc.constantFrom(...Priority.options),
  quantity: fc.integer({ min: 1, max: 3 }),
  waitingDays: fc.integer({ min: 0, max: 100 }),
  unit: fc.constantFrom(null, null, null, 'day' as const, 'hour' as const),
  maxWalkingMinutes: fc.constantFrom(null, null, null, 5, 60),
  refusesNgo: fc.constantFrom(false, false, false, true),
})

const town = fc.record({
  residents: fc.array(resident, { minLength: 6, maxLength: 10 }),
  offering: fc.record({
    mode: fc.constantFrom('onsite' as const, 'home' as const, 'remote' as const),
    serves: fc.constantFrom('nobody' as const, 'nobody' as const, 'north' as const, 'district' as const),
    price: fc.constantFrom(0, 1000, 3000),
    staffMinutesPerUnit: fc.constantFrom(0, 30),
    units: fc.integer({ min: 1, max: 6 }),
  }),
  fundPrice: fc.constantFrom(0, 100, 400),
  minutePrice: fc.constantFrom(0, 1000, 20_000),
  later: fc.boolean(),
  count: fc.integer({ min: 1, max: 4 }),
  chunk: fc.integer({ min: 1, max: 2 }),
})
type Town = typeof town extends fc.Arbitrary<infer Drawn> ? Drawn : never

describe.each(engines())('bids for a place, on %s', (rung) => {
  let world: Backfills
  beforeAll(async () => {
    world = await Backfills.open(rung)
    await setStaffTime(world.quiet(world.market.providers.club), { period: PERIOD, minutes: 600 })
    const { officer, areas } = world.market
    for (const areaId of [areas.district, areas.north]) {
      await world.root.execute(sql`insert into match_runs
        (id, organization_id, area_id, period, policy_id, seed, rounds, state, progress, created_at, finished_at)
        select ${world.system.newId()}, ${officer.organizationId}, ${areaId}, ${PERIOD},
          (select id from policies where state = 'adopted'), 1, 1, 'proposed', '{}', now(), now()`)
    }
  })
  afterAll(() => world.market.world.close())

  it('are found in order, and given one after the other to the best that fits', async () => {
    let found = 0
    await fc.assert(
      fc.asyncProperty(town, async (drawn) => {
        const offeringId = await build(drawn)
        const place = await placeOf(offeringId)
        const all = await oracle(offeringId)
        const { bids } = await bestBids(world.system, place, drawn.count, drawn.chunk)
        expect(bids.map(({ asking, bid }) => [asking.row.id, bid])).toEqual(all.slice(0, drawn.count))
        found += all.length
        await giveAll(offeringId, drawn.offering.units)
      }),
      { numRuns: 8 },
    )
    expect(found).toBeGreaterThan(8)
    await world.requireBalance()
  }, 120_000)

  it('are looked for as long as somebody could bid more', async () => {
    world.beginStory()
    const offeringId = await world.publish(1)
    await world.wanting({ priority: 'medium' }, { assessments: [] })
    const cared = await world.wanting({}, { assessments: [{ scheme: 'cms', level: 8 }] })
    const { bids, inSight } = await bestBids(world.system, await placeOf(offeringId), 1, 1)
    expect([bids.map(({ asking }) => asking.row.id), inSight]).toEqual([[cared], 2])
  })

  it('are looked for until nobody is left who could bid as much, and not a bit longer', async () => {
    world.beginStory()
    // Free, at everybody's home: who is in most need of care and speaks the language bids the most there is.
    const offeringId = await world.publish(1, { mode: 'remote', price: 0, languages: ['nan'] })
    const place = await placeOf(offeringId)
    const { policy } = place.rules
    const suitability = { ...policy.suitability, caregiverGender: 0, sector: 0, continuity: 0 }
    const strict = { ...place, rules: { ...place.rules, policy: { ...policy, suitability } } }
    const cared = { assessments: [{ scheme: 'cms', level: 8 }] }
    const ids = [await world.wanting({}, cared), await world.wanting({}, cared)].sort()
    const winner = async () => {
      const { bids } = await bestBids(world.system, strict, 1, 1)
      return bids[0]!.asking.row.id
    }
    const since = (hours: number) => new Date(world.market.world.clock.read().getTime() - hours * 3_600_000)
    await world.root
      .update(needs)
      .set({ waitingSince: since(2) })
      .where(eq(needs.id, ids[1]!))
    expect(await winner()).toBe(ids[1])
    await world.root
      .update(needs)
      .set({ waitingSince: since(3) })
      .where(eq(needs.id, ids[0]!))
    expect(await winner()).toBe(ids[0])
    const [first] = await world.root.select().from(needs).where(eq(needs.id, ids[0]!))
    await world.root
      .update(residents)
      .set({ languages: ['hak'] })
      .where(eq(residents.id, first!.residentId))
    expect(await winner()).toBe(ids[1])
  })

  /** The town's offering. Of the two runs, the later one's prices count: the district's, or for the north its own. */
  async function build({ residents, offering, fundPrice, minutePrice, later }: Town): Promise<string> {
    world.beginStory()
    const { market, term } = world
    const { serves, units, ...fields } = offering
    const serviceAreaIds = serves === 'nobody' ? [] : [market.areas[serves]]
    const offeringId = await world.publish(units, { ...fields, serviceAreaIds })
    await register(market, residents.map(inputOf(market.areas, term)))
    const { root } = world
    await root.execute(sql`delete from run_prices`)
    await root.execute(sql`insert into run_prices (run_id, account_id, price)
      select r.id, a.id, case when a.kind = 'fund' then ${fundPrice}::float8 else ${minutePrice}::float8 end
        * case when r.area_id = ${market.areas.north} then 2 else 1 end
      from match_runs r, accounts a where a.kind in ('fund', 'staff_time', 'capacity')`)
    await root.execute(sql`update match_runs set finished_at = now()
      + case when area_id = ${market.areas.north} then ${later ? 1 : -1}::integer else 0 end * interval '1 hour'`)
    return offeringId
  }

  async function placeOf(offeringId: string): Promise<Place> {
    const [offering] = await readOfferings(world.system, [offeringId], PERIOD)
    const rules = await inTransaction(world.system, (ctx) => readRulesForAll(ctx))
    return { offering: offering!, period: PERIOD, rules, recipientId: null }
  }

  /** Everybody's best bid, looked up one by one. */
  function oracle(offeringId: string): Promise<[string, number][]> {
    return inTransaction(world.system, async (ctx) => {
      const [offering] = await readOfferings(ctx, [offeringId], PERIOD)
      const rows = await ctx.tx
        .select()
        .from(needs)
        .where(and(eq(needs.term, world.term), eq(needs.state, 'registered')))
      const found: { id: string; bid: number; since: number }[] = []
      let rules: Rules | undefined
      const known = new Map<string, UnitPrices>()
      for (const { id, waitingSince, quantity } of rows) {
        const asking = await readAsking(ctx, id)
        rules ??= await readRulesForAll(ctx)
        const market = marketOf(ctx, rules, asking)
        const { areaId } = asking.resident
        const prices = known.get(areaId) ?? (await pricesFor(ctx, [...withAncestors(market.parents, areaId)]))
        known.set(areaId, prices)
        const worth = []
        for (const programId of [null, ...asking.programs.map(({ id }) => id)]) {
          const sought = seekOption(market, asking.need, asking.resident, offering!, programId)
          if (sought.outcome !== 'option') continue
          const uses = sharedUsesOf(quantity, sought.option).filter(({ kind }) => kind !== 'capacity')
          const cost = uses.reduce((sum, use) => sum + use.amount * (prices.get(use.accountId) ?? 0), 0)
          worth.push(sought.option.utility - cost)
        }
        const bid = Math.max(0, ...worth)
        if (bid > 0) found.push({ id, bid, since: waitingSince.getTime() })
      }
      found.sort((a, b) => b.bid - a.bid || a.since - b.since || (a.id < b.id ? -1 : 1))
      return found.map(({ id, bid }) => [id, bid])
    })
  }

  /** As bookings read them: of the latest run over one of these areas. */
  async function pricesFor(ctx: Context, areaIds: string[]): Promise<UnitPrices> {
    const all = await query(ctx).select({ id: accounts.id }).from(accounts).where(eq(accounts.period, PERIOD))
    return readUnitPrices(ctx, { period: PERIOD, areaIds, accountIds: all.map(({ id }) => id) })
  }

  /** A match that held all of the offering is over; each need that gets of it is the best that was left. */
  async function giveAll(offeringId: string, units: number): Promise<void> {
    const freedId = await freedMatch(offeringId, units)
    let left = units
    while (left > 0) {
      const [best] = await oracle(offeringId)
      const given = await inTransaction(world.system, (ctx) => backfillPlace(ctx, freedId))
      expect(given?.match.needId).toBe(best?.[0])
      if (!given) break
      left -= given.match.quantity
    }
  }

  /** What the database keeps of a match that was released; it holds nothing any more. */
  async function freedMatch(offeringId: string, quantity: number): Promise<string> {
    const needId = await world.wanting({ term: `${world.term}_over` })
    const [need] = await world.root.select().from(needs).where(eq(needs.id, needId))
    const [id, residentId] = [world.system.newId(), need!.residentId]
    const money = { price: 0, subsidy: 0, copayment: 0, utility: 0 }
    const parts = { base: 0, walking: 0, tierFit: 0, language: 0, affordability: 0 }
    const all = { ...parts, caregiverGender: 0, sector: 0, continuity: 0 }
    await world.root.insert(matches).values({
      id,
      needId,
      residentId,
      offeringId,
      quantity,
      ...money,
      parts: all,
      state: 'released',
    })
    return id
  }
})

const inputOf =
  (areas: { north: string; south: string }, term: string) =>
  ({ isSouth, meters, mobility, level, wallet, consents, ...need }: Town['residents'][number]) => {
    const { refusesNgo, waitingDays, ...wanted } = need
    const waitingSince = new Date(Date.UTC(2026, 11, 1) - waitingDays * 86_400_000).toISOString()
    const refusals = refusesNgo ? { sectors: ['ngo' as const] } : {}
    const needs = [{ ...wants(term), ...wanted, refusals, waitingSince }]
    const more: Partial<ResidentInput> = {
      point: metersNorth(meters),
      mobility,
      assessments: [{ scheme: 'cms', level }],
      wallets: [{ period: PERIOD, amount: wallet }],
      needs,
      ...(consents ? {} : { consents: [{ purpose: 'matching', facts: ['languages', 'care_level'] }] }),
    }
    return person(isSouth ? areas.south : areas.north, more)
  }
