/** What is kept in memory to be shown is what the tables say now, and is shown to those alone who may see it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assureOffering, renewAssurance } from '../../../src/features/catalog/assure-offering.ts'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { offeringsById } from '../../../src/features/catalog/get-offering.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { reviseLocation } from '../../../src/features/catalog/revise-location.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import { toOffering } from '../../../src/features/catalog/wire-rows.ts'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { installPolicy } from '../../../src/features/policies/install-policy.ts'
import { toFoundOffering } from '../../../src/features/search/found-wire.ts'
import type { SearchOfferings } from '../../../src/features/search/schemas.ts'
import { searchOfferings } from '../../../src/features/search/search-offerings.ts'
import type { Context } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

const HOME = { latitude: 25.03, longitude: 121.54 }
const NEAR = { near: HOME, minutes: 15 } as const
const CARE = {
  category: 'medical',
  term: 'nursing',
  tier: 'basic',
  mode: 'onsite',
  unit: 'visit',
  price: 100,
} as const
const RULE = { fact: 'age', op: 'gte', value: 65 } as const
const HOURS = {
  timeZone: 'Asia/Taipei',
  weekly: [{ day: 'MO', opens: '09:00', closes: '17:00' }],
  exceptions: [],
} as const

describe.each(engines())('what search shows on %s', (rung) => {
  let world: Neighborhood
  let supervisor: Context
  const publish = async (ctx: Context, name: string, visibility: 'public' | 'confidential') => {
    const point = { latitude: HOME.latitude + 0.001, longitude: HOME.longitude }
    const areaId = world.areas.north
    const place = await createLocation(ctx, { name, address: 'Road 1', areaId, point, visibility })
    const said = { ...CARE, name, eligibility: RULE, hours: structuredClone(HOURS) as never }
    return { place, offering: await publishOffering(ctx, { ...said, locationId: place.id }) }
  }
  const names = async (ctx: Context, question: SearchOfferings = {}) =>
    (await searchOfferings(ctx, question)).items.map(({ name }) => name)
  /** What one offering is shown as; the same as the tables say at this moment. */
  const shown = async (id: string) => {
    const { items } = await searchOfferings(world.partner, { limit: 200 })
    const item = items.find((one) => one.id === id)!
    const { walkingMinutes, ...row } = item
    const told = (await offeringsById(world.partner, [id])).get(id)!
    expect(row).toEqual(told)
    // Twice: what is told first is remembered.
    for (const _time of [1, 2]) expect(toFoundOffering(item)).toEqual({ ...toOffering(told), walkingMinutes })
    return row
  }
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    await ensureDefaultPolicy(world.system)
    supervisor = world.context({ role: 'supervisor', areaId: world.areas.north })
  })
  afterAll(() => world.close())

  it('is an offering as it was last revised, and its assurance as the clock has it', async () => {
    world.clock.set('2026-12-01T08:00:00Z')
    const { id } = (await publish(world.provider, 'Nursing', 'public')).offering
    expect((await shown(id)).assurance).toBeNull()
    await reviseOffering(world.provider, { offeringId: id, version: 1, price: 250, priceCeiling: 900 })
    expect(await shown(id)).toMatchObject({ price: 250, priceCeiling: 900, version: 2 })
    const said = { offeringId: id, version: 2, lapsesAt: '2027-01-01T00:00:00Z' }
    await assureOffering(supervisor, { ...said, what: 'On site' })
    expect((await shown(id)).assurance).toMatchObject({
      what: 'On site',
      state: 'assured',
      assuredVersion: 2,
    })
    world.clock.set('2027-01-01T00:00:00Z')
    expect((await shown(id)).assurance).toMatchObject({ state: 'lapsed' })
    await renewAssurance(supervisor, { ...said, lapsesAt: '2027-06-01T00:00:00Z' })
    expect((await shown(id)).assurance).toMatchObject({ state: 'assured' })
  })

  it('is one’s own to a provider, whoever asked before, and a confidential point helps its own alone', async () => {
    const { place } = await publish(world.otherProvider, 'Shelter', 'confidential')
    const { operator, provider, otherProvider, partner, purchaser } = world
    for (const _round of [1, 2]) {
      expect(await names(otherProvider, NEAR)).toEqual(['Shelter'])
      expect(await names(provider, NEAR)).toEqual(['Nursing'])
      expect(await names(provider)).toEqual(['Nursing'])
      expect((await names(operator, NEAR)).toSorted()).toEqual(['Nursing', 'Shelter'])
      for (const ctx of [partner, purchaser, supervisor]) {
        expect(await names(ctx, NEAR)).toEqual(['Nursing'])
        const { items } = await searchOfferings(ctx, { q: 'shelter' })
        expect(items.map(({ name }) => name)).toEqual(['Shelter'])
        expect(JSON.stringify(items.map(toFoundOffering))).not.toMatch(/Road 1|25\.031|121\.54/)
      }
    }
    await reviseLocation(otherProvider, { locationId: place.id, version: 1, visibility: 'public' })
    expect((await names(partner, NEAR)).toSorted()).toEqual(['Nursing', 'Shelter'])
    await reviseLocation(otherProvider, { locationId: place.id, version: 2, visibility: 'confidential' })
    expect(await names(partner, NEAR)).toEqual(['Nursing'])
  })

  it('is measured with the policy in force, and by the areas as they are', async () => {
    const walk = async () => (await searchOfferings(world.partner, NEAR)).items[0]!.walkingMinutes!
    const before = await walk()
    const { document, text } = structuredClone(DEFAULT_POLICY)
    document.reach.metersPerSecond.independent /= 2
    await installPolicy(world.context(SYSTEM), { document, text })
    expect(await walk()).toBeCloseTo(before * 2, 0)
    const areaId = world.areas.district
    const count = async () => (await searchOfferings(world.partner, { areaId, term: 'tai_chi' })).total
    expect(await count()).toBe(0)
    const area = { kind: 'community', code: 'W', name: 'West', parentId: areaId } as const
    const west = await createArea(world.operator, area)
    const hall = { name: 'Hall', address: 'Road 3', areaId: west.id }
    const { id: locationId } = await createLocation(world.provider, hall)
    await publishOffering(world.provider, { ...CARE, term: 'tai_chi', name: 'Tai chi', locationId })
    expect(await count()).toBe(1)
  })
})
