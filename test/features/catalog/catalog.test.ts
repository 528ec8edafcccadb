import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { getOffering } from '../../../src/features/catalog/get-offering.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import type { PublishOffering, PublishOfferings } from '../../../src/features/catalog/schemas.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { setStaffTime } from '../../../src/features/catalog/set-staff-time.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { searchOfferings } from '../../../src/features/search/search-offerings.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { accountsOf, openAccount } from '../../../src/platform/ledger/accounts.ts'
import { holdBundle } from '../../../src/platform/ledger/post-transfers.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const PERIOD = '2026-12'
const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

const DAY_CARE = {
  name: 'Day care',
  category: 'elderly_care',
  term: 'day_care',
  tier: 'inclusive',
  mode: 'onsite',
  unit: 'day',
  price: 92_000,
  staffMinutesPerUnit: 60,
} as const satisfies Partial<PublishOffering>

describe.each(engines())('catalog on %s', (rung) => {
  let world: Neighborhood
  let locationId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    const place = { name: 'Station', address: '1 Main St', areaId: world.areas.north }
    locationId = (await createLocation(world.provider, place)).id
  })
  afterAll(() => world.close())

  const publish = (more: Partial<PublishOffering> = {}) =>
    publishOffering(world.provider, { locationId, ...DAY_CARE, ...more })

  it('publishes with capacity, under one service per name', async () => {
    const first = await publish({ capacities: [{ period: PERIOD, units: 400 }] })
    const second = await publish({ mode: 'home' })
    expect(first).toMatchObject({ name: 'Day care', currency: 'TWD', version: 1, state: 'published' })
    expect(second.serviceId).toBe(first.serviceId)
    const [account] = await accountsOf(world.provider, [first.id], PERIOD)
    expect(account).toMatchObject({ kind: 'capacity', unit: 'day', limit: 400, held: 0 })
  })

  it('points at every flaw of an offering', async () => {
    const flaws: [Partial<PublishOffering>, string][] = [
      [{ price: -1 }, '/price'],
      [{ price: 0.5 }, '/price'],
      [{ term: 'Day Care' }, '/term'],
      [{ mode: 'teleport' as 'home' }, '/mode'],
      [{ languages: ['\0'] }, '/languages/0'],
      [{ capacities: [{ period: '2026-11', units: 1 }] }, '/capacities/0/period'],
      [{ capacities: [{ period: PERIOD, units: -1 }] }, '/capacities/0/units'],
      [{ serviceAreaIds: [world.areas.north, UNKNOWN] }, '/serviceAreaIds/1'],
    ]
    for (const [flaw, pointer] of flaws) {
      expect(await refusalOf(publish(flaw))).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
    const rule = { fact: 'shoeSize', op: 'gte', value: 1 } as never
    expect((await refusalOf(publish({ eligibility: rule }))).code).toBe('invalid_input')
  })

  it('hides a provider’s rows from another provider, and shows them to the rest', async () => {
    const { id, version } = await publish({ name: 'Hidden' })
    const { otherProvider, partner, purchaser } = world
    const attempts = [
      getOffering(otherProvider, id),
      setCapacity(otherProvider, { offeringId: id, period: PERIOD, units: 1 }),
      withdrawOffering(otherProvider, { offeringId: id, version }),
      publishOffering(otherProvider, { locationId, ...DAY_CARE }),
    ]
    const refusals = await Promise.all(attempts.map(refusalOf))
    expect(refusals.map((refusal) => refusal.code)).toEqual(attempts.map(() => 'not_found'))
    expect((await searchOfferings(otherProvider, { limit: 200 })).items).toEqual([])
    expect((await getOffering(partner, id)).name).toBe('Hidden')
    expect((await refusalOf(publishOffering(purchaser, { locationId, ...DAY_CARE }))).code).toBe('forbidden')
  })

  it('lists by kind, mode and the part of the district the location lies in', async () => {
    const { provider, partner, areas } = world
    const place = { name: 'South', address: '2 Main St', areaId: areas.south }
    const south = await createLocation(provider, place)
    const meal = await publish({ locationId: south.id, name: 'Meal', category: 'life_care', term: 'meal' })
    const ids = async (filter: object) =>
      (await searchOfferings(partner, { limit: 200, ...filter })).items.map((offering) => offering.id)
    expect(await ids({ category: 'life_care' })).toEqual([meal.id])
    expect(await ids({ term: 'meal', mode: 'home' })).toEqual([])
    expect(await ids({ areaId: areas.south })).toEqual([meal.id])
    expect(await ids({ areaId: areas.district })).toContain(meal.id)
    expect(await ids({ areaId: areas.north })).not.toContain(meal.id)
    expect(await ids({ areaId: UNKNOWN })).toEqual([])
  })

  it('never lets capacity fall below what is held', async () => {
    const { provider, system } = world
    const { id } = await publish({ name: 'Small' })
    const capacity = await setCapacity(provider, { offeringId: id, period: PERIOD, units: 10 })
    await inTransaction(system, async (ctx) => {
      const name = { kind: 'consumed', ownerId: id, period: PERIOD, unit: 'day' } as const
      const consumed = await openAccount(ctx, name, 0)
      const uses = [{ debitId: capacity.id, creditId: consumed.id, amount: 6 }]
      await holdBundle(ctx, { id: ctx.newId(), uses })
    })
    const to = (units: number) => setCapacity(provider, { offeringId: id, period: PERIOD, units })
    expect((await refusalOf(to(5))).code).toBe('insufficient')
    expect(await to(6)).toMatchObject({ limit: 6, held: 6 })
    expect(
      await refusalOf(setCapacity(provider, { offeringId: id, period: '2026-11', units: 9 })),
    ).toMatchObject({ code: 'invalid_input', pointers: ['/period'] })
  })

  it('counts staff time per organization, in minutes', async () => {
    const { provider } = world
    await setStaffTime(provider, { period: PERIOD, minutes: 9000 })
    const account = await setStaffTime(provider, { period: PERIOD, minutes: 8000 })
    const ownerId = provider.actor.organizationId
    expect(account).toMatchObject({ kind: 'staff_time', ownerId, unit: 'minute', limit: 8000 })
  })

  it('withdraws once, from the version that was seen', async () => {
    const { provider } = world
    const { id } = await publish({ name: 'Short-lived' })
    const withdraw = (version: number) => withdrawOffering(provider, { offeringId: id, version })
    expect((await refusalOf(withdraw(7))).code).toBe('precondition_failed')
    expect(await withdraw(1)).toMatchObject({ state: 'withdrawn', version: 2 })
    expect((await refusalOf(withdraw(1))).code).toBe('precondition_failed')
    expect((await refusalOf(withdraw(2))).code).toBe('state_conflict')
  })
})

describe.each(engines())('an import of offerings on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  const importOf = (offerings: number): PublishOfferings => {
    const organizationId = world.provider.actor.organizationId
    const station = { organizationId, name: 'Station', address: '1 Main St' }
    return {
      locations: [
        { ...station, sourceRef: 'L1', point: { latitude: 25, longitude: 121.5 } },
        { ...station, sourceRef: 'L2', areaId: world.areas.south },
      ],
      offerings: Array.from({ length: offerings }, (_, at) => ({
        ...DAY_CARE,
        organizationId,
        sourceRef: `O${at}`,
        locationRef: at % 2 ? 'L1' : 'L2',
        serviceAreaIds: [world.areas.north],
        capacities: [{ period: PERIOD, units: at }],
      })),
      staffTimes: [{ organizationId, period: PERIOD, minutes: 5000 }],
    }
  }

  it('goes in whole, once, with one audit entry', async () => {
    const { system, provider } = world
    const wanted = importOf(1100)
    const first = await publishOfferings(system, wanted)
    expect(first).toMatchObject({ created: 1100, existing: 0 })
    const id = first.offeringIds.get('O1050')!
    expect(await getOffering(provider, id)).toMatchObject({ locationId: first.locationIds.get('L2')! })
    expect(await accountsOf(system, [id], PERIOD)).toMatchObject([{ limit: 1050, unit: 'day' }])
    const entries = await system.db.root
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.action, 'offerings.publish'))
    expect(entries).toHaveLength(1)
    const offerings = wanted.offerings!.map((offering) => ({ ...offering, price: 1 }))
    const again = await publishOfferings(system, { ...wanted, offerings })
    expect(again).toMatchObject({ created: 0, existing: 1100 })
    expect(again.offeringIds.get('O1050')).toBe(id)
    expect((await getOffering(provider, id)).price).toBe(DAY_CARE.price)
  })

  it('names the rows that are flawed, and writes none', async () => {
    const { system, provider } = world
    const wanted = importOf(2)
    const lost = wanted.offerings!.map((offering) => ({
      ...offering,
      sourceRef: 'new',
      locationRef: 'nowhere',
    }))
    const unknown = await refusalOf(publishOfferings(system, { offerings: lost.slice(0, 1) }))
    expect(unknown).toMatchObject({ code: 'invalid_input', pointers: ['/offerings/0/locationRef'] })
    const twins = await refusalOf(publishOfferings(system, { ...wanted, offerings: lost }))
    expect(twins).toMatchObject({ code: 'invalid_input', pointers: ['/offerings/1'] })
    const past = wanted.staffTimes!.map((time) => ({ ...time, period: '2020-01' }))
    const over = await refusalOf(publishOfferings(system, { ...wanted, staffTimes: past }))
    expect(over).toMatchObject({ code: 'invalid_input', pointers: ['/staffTimes/0/period'] })
    const { items } = await searchOfferings(provider, { limit: 200 })
    expect(items.some((offering) => offering.sourceRef === 'new')).toBe(false)
  })

  it('keeps a provider to its own organization', async () => {
    const { otherProvider } = world
    expect((await refusalOf(publishOfferings(otherProvider, importOf(1)))).code).toBe('not_found')
    const own = otherProvider.actor.organizationId
    const offerings = importOf(1).offerings!.map((offering) => ({ ...offering, organizationId: own }))
    const foreignPlace = await refusalOf(publishOfferings(otherProvider, { offerings }))
    expect(foreignPlace).toMatchObject({ code: 'invalid_input', pointers: ['/offerings/0/locationRef'] })
  })
})
