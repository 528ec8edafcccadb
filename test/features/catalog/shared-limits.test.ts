import { randomUUID } from 'node:crypto'
/** What the catalog says of a month decides what a run may use. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assureOffering } from '../../../src/features/catalog/assure-offering.ts'
import type { CapacityStatus } from '../../../src/features/catalog/capacity-schemas.ts'
import { getOffering } from '../../../src/features/catalog/get-offering.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { reviseLocation } from '../../../src/features/catalog/revise-location.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { setStaffTime } from '../../../src/features/catalog/set-staff-time.ts'
import { offeringCapacities } from '../../../src/features/catalog/tables.ts'
import { readSnapshot } from '../../../src/features/matching/read-snapshot.ts'
import { bulkLaneFor, openBulkLane } from '../../../src/platform/db/bulk-lane.ts'
import { accountsOf } from '../../../src/platform/ledger/accounts.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { engines } from '../../support/test-world.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  propose,
  register,
  wants,
} from '../matching/marketplace.ts'
import { metersNorth, POLICY } from '../matching/snapshots.ts'
import { PERIOD } from '../referrals/proposed-run.ts'

describe.each(engines())('limits of the catalog on %s', (rung) => {
  let market: Marketplace
  beforeAll(async () => {
    market = await openMarketplace(rung)
  })
  afterAll(() => market.world.close())

  /** What a run of the month would be told of the house's offering; undefined = it is none of its options. */
  const toldOfHouse = async () => {
    const { world, areas, offerings } = market
    const offer = bulkLaneFor(world.db)
    const lane = await openBulkLane(offer.descriptor)
    const scope = {
      areaId: areas.district,
      period: PERIOD,
      currency: 'TWD',
      timeZone: 'UTC',
      policy: POLICY,
      recipientId: randomUUID(),
      now: world.clock.read(),
    }
    const snapshot = await readSnapshot(lane, scope)
    await lane.close()
    offer.close()
    return snapshot.offerings.find(({ id }) => id === offerings.house)
  }
  const set = (more: { status?: CapacityStatus; funded?: number }) =>
    setCapacity(market.as(market.providers.house), {
      offeringId: market.offerings.house,
      period: PERIOD,
      units: 5,
      ...more,
    })

  it('no capacity and a waitlist keep an offering out of new matches, whatever units are left', async () => {
    await set({})
    expect(await toldOfHouse()).toMatchObject({ capacity: { available: 5 } })
    for (const status of ['no-capacity', 'waitlist'] as const) {
      expect(await set({ status })).toMatchObject({ limit: 5, held: 0 })
      expect(await toldOfHouse()).toBeUndefined()
    }
    await set({ status: 'additional-assessment-required' })
    expect(await toldOfHouse()).toMatchObject({ capacity: { available: 5 } })
    await set({ funded: 1 })
    expect(await toldOfHouse()).toMatchObject({ capacity: { available: 1, limit: 1 } })
  })

  it('what is said of another month does not matter', async () => {
    await setCapacity(market.as(market.providers.house), {
      offeringId: market.offerings.house,
      period: '2027-03',
      units: 5,
      status: 'no-capacity',
    })
    expect(await toldOfHouse()).toBeDefined()
  })

  it('a month whose account is older than what is said of months is open', async () => {
    await set({})
    await market.world.db.root.delete(offeringCapacities)
    expect(await toldOfHouse()).toMatchObject({ capacity: { available: 5 } })
  })

  it('a confidential location is matched from where it is', async () => {
    const provider = market.as(market.providers.house)
    const { locationId } = await getOffering(provider, market.offerings.house)
    await reviseLocation(provider, { locationId, version: 1, visibility: 'confidential' })
    expect(await toldOfHouse()).toMatchObject({ point: metersNorth(200) })
  })

  it('a lapsed assurance is no hindrance', async () => {
    const offeringId = market.offerings.house
    const operator = market.world.context({ role: 'operator' })
    await assureOffering(operator, {
      offeringId,
      version: 1,
      what: 'License',
      lapsesAt: '2026-12-01T09:00:00Z',
    })
    market.world.clock.set('2026-12-02T00:00:00Z')
    expect((await getOffering(operator, offeringId)).assurance).toMatchObject({ state: 'lapsed' })
    expect(await toldOfHouse()).toBeDefined()
  })

  it('two offerings draw on the minutes of one staff', async () => {
    const { house } = market.providers
    const provider = market.as(house)
    const { locationId } = await getOffering(provider, market.offerings.house)
    const walks = await publishOffering(provider, {
      locationId,
      name: 'Walks',
      category: 'elderly_care',
      term: 'walk',
      tier: 'basic',
      mode: 'onsite',
      unit: 'visit',
      price: 100,
      staffMinutesPerUnit: 30,
      capacities: [{ period: PERIOD, units: 3 }],
    })
    await setStaffTime(provider, { period: PERIOD, minutes: 150 })
    const both = () => person(market.areas.north, { needs: [wants('day_care'), wants('walk')] })
    await register(market, Array.from({ length: 6 }, both))
    const run = await propose(market)
    const minutes: Record<string, number> = { [market.offerings.house]: 60, [walks.id]: 30 }
    const own = (await matchesOf(market, run.id)).filter(({ offeringId }) => offeringId in minutes)
    const used = own.reduce((sum, { offeringId }) => sum + minutes[offeringId]!, 0)
    const [staff] = (await accountsOf(provider, [house.organizationId], PERIOD)).filter(
      ({ kind }) => kind === 'staff_time',
    )
    // Three walks take 90 minutes and five days 300: together they get the 150 there are.
    expect(new Set(own.map(({ offeringId }) => offeringId)).size).toBe(2)
    expect(staff).toMatchObject({ limit: 150, held: used })
    expect(used).toBe(150)
    expect(await reconcile(market.world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  })
})
