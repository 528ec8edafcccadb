import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { listCapacities } from '../../../src/features/catalog/list-capacities.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { offeringCapacities } from '../../../src/features/catalog/tables.ts'
import { toCapacity } from '../../../src/features/catalog/wire-rows.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { accountsOf, openAccount } from '../../../src/platform/ledger/accounts.ts'
import { holdBundle } from '../../../src/platform/ledger/post-transfers.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const PERIOD = '2026-12'
const MEAL = {
  category: 'life_care',
  term: 'meal',
  tier: 'basic',
  mode: 'home',
  unit: 'meal',
  price: 100,
} as const

describe.each(engines())('capacities on %s', (rung) => {
  let world: Neighborhood
  let locationId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    locationId = (await createLocation(world.provider, { name: 'Kitchen', address: '1 Main St' })).id
  })
  afterAll(() => world.close())

  const publish = (capacities: { period: string; units: number; funded?: number }[] = []) =>
    publishOffering(world.provider, { locationId, name: 'Meals', ...MEAL, capacities })
  const hold = (offeringId: string, amount: number) =>
    inTransaction(world.system, async (ctx) => {
      const [capacity] = await accountsOf(ctx, [offeringId], PERIOD)
      const name = { kind: 'consumed', ownerId: offeringId, period: PERIOD, unit: 'meal' } as const
      const consumed = await openAccount(ctx, name, 0)
      await holdBundle(ctx, {
        id: ctx.newId(),
        uses: [{ debitId: capacity!.id, creditId: consumed.id, amount }],
      })
    })
  const told = async (offeringId: string) => (await listCapacities(world.partner, offeringId)).map(toCapacity)

  it('are listed by month, with what is left of the funded units', async () => {
    const { id } = await publish([
      { period: '2027-01', units: 50 },
      { period: PERIOD, units: 100, funded: 60 },
    ])
    await hold(id, 15)
    const common = { spent: 0, status: 'capacity', updatedAt: '2026-12-01T08:00:00.000Z' }
    expect(await told(id)).toEqual([
      { period: PERIOD, maximum: 100, funded: 60, held: 15, available: 45, ...common },
      { period: '2027-01', maximum: 50, funded: null, held: 0, available: 50, ...common },
    ])
  })

  it('take units alone, as ever: all of them can be booked', async () => {
    const { id: offeringId } = await publish()
    const set = await setCapacity(world.provider, { offeringId, period: PERIOD, units: 8 })
    expect(set).toMatchObject({ limit: 8, maximum: 8, funded: null, status: 'capacity' })
  })

  it('replace what was said of a month, and tell when', async () => {
    const { id: offeringId } = await publish([{ period: PERIOD, units: 10 }])
    world.clock.advance(60_000)
    await setCapacity(world.provider, {
      offeringId,
      period: PERIOD,
      units: 20,
      funded: 12,
      status: 'waitlist',
    })
    const updatedAt = world.clock.read().toISOString()
    expect(await told(offeringId)).toMatchObject([
      { maximum: 20, funded: 12, available: 12, status: 'waitlist', updatedAt },
    ])
    const [event] = await world.db.root.select().from(events).where(eq(events.type, 'capacity.set'))
    expect(event).toBeDefined()
  })

  it('keep funded units within the maximum, and above what is promised', async () => {
    const { id: offeringId } = await publish([{ period: PERIOD, units: 10 }])
    await hold(offeringId, 6)
    const set = (units: number, funded: number | null) =>
      setCapacity(world.provider, { offeringId, period: PERIOD, units, funded })
    expect(await refusalOf(set(5, 6))).toMatchObject({ code: 'invalid_input', pointers: ['/funded'] })
    expect((await refusalOf(set(10, 5))).code).toBe('insufficient')
    expect(await told(offeringId)).toMatchObject([{ maximum: 10, funded: null, available: 4 }])
    expect(await set(10, 6)).toMatchObject({ maximum: 10, limit: 6, held: 6 })
    const flawed = publish([{ period: PERIOD, units: 1, funded: 2 }])
    expect((await refusalOf(flawed)).pointers).toEqual(['/capacities/0/funded'])
  })

  it('are the ledger’s where nothing else was said of a month', async () => {
    const { id } = await publish([{ period: PERIOD, units: 7 }])
    await world.db.root.delete(offeringCapacities).where(eq(offeringCapacities.offeringId, id))
    expect(await told(id)).toMatchObject([{ maximum: 7, funded: null, available: 7, status: 'capacity' }])
  })

  it('come in with an import, and stay as they are when it is repeated', async () => {
    const organizationId = world.provider.actor.organizationId
    const importing = (units: number, funded: number) =>
      publishOfferings(world.system, {
        locations: [{ organizationId, name: 'L', address: '3 Main St', sourceRef: 'C1' }],
        offerings: [
          {
            ...MEAL,
            name: 'Imported',
            organizationId,
            sourceRef: 'C1',
            locationRef: 'C1',
            capacities: [{ period: PERIOD, units, funded, status: 'additional-assessment-required' }],
          },
        ],
      })
    const id = (await importing(9, 4)).offeringIds.get('C1')!
    const first = await told(id)
    expect(first).toMatchObject([
      { maximum: 9, funded: 4, available: 4, status: 'additional-assessment-required' },
    ])
    await importing(30, 20)
    expect(await told(id)).toEqual(first)
  })

  it('are a provider’s own', async () => {
    const { id: offeringId } = await publish([{ period: PERIOD, units: 1 }])
    expect((await refusalOf(listCapacities(world.otherProvider, offeringId))).code).toBe('not_found')
  })
})
