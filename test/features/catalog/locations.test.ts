import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isConfidential } from '../../../src/features/catalog/confidential.ts'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { getLocation, listLocations } from '../../../src/features/catalog/list-locations.ts'
import type { CreateLocation, ReviseLocation } from '../../../src/features/catalog/location-schemas.ts'
import { reviseLocation } from '../../../src/features/catalog/revise-location.ts'
import { toLocation } from '../../../src/features/catalog/wire-rows.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe('isConfidential', () => {
  it.each([
    ['public', 'station', false],
    ['public', 'person', false],
    ['confidential', 'station', true],
    ['confidential', 'person', true],
    [null, 'station', false],
    [null, 'person', true],
  ] as const)('%s, the address of a %s: %s', (visibility, addressOf, confidential) => {
    expect(isConfidential({ visibility, addressOf })).toBe(confidential)
  })
})

describe.each(engines())('locations on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  let count = 0
  const create = (more: Partial<CreateLocation> = {}) =>
    createLocation(world.provider, {
      name: 'House',
      address: '7 Secret Lane',
      areaId: world.areas.north,
      point: { latitude: 25.01, longitude: 121.51 },
      sourceRef: `7 Secret Lane ${++count}`,
      ...more,
    })
  const revise = (locationId: string, version: number, patch: ReviseLocation) =>
    reviseLocation(world.provider, { ...patch, locationId, version })

  it('tells where a confidential place is to its provider and the operator alone', async () => {
    const { provider, operator, system, otherProvider, partner, purchaser } = world
    const open = await create({ addressOf: 'station' })
    const hidden = [await create({ visibility: 'confidential' }), await create({ addressOf: 'person' })]
    for (const { id } of hidden) {
      for (const reader of [provider, operator, system]) {
        const told = toLocation(await getLocation(reader, id))
        expect(told).toMatchObject({
          address: '7 Secret Lane',
          point: { latitude: 25.01 },
          confidential: true,
        })
      }
      for (const reader of [partner, purchaser]) {
        const told = toLocation(await getLocation(reader, id))
        expect(told).toMatchObject({ address: null, point: null, sourceRef: null, confidential: true })
        expect(JSON.stringify(told)).not.toMatch(/Secret|25\.01|121\.51/)
      }
      expect((await refusalOf(getLocation(otherProvider, id))).code).toBe('not_found')
    }
    expect(toLocation(await getLocation(partner, open.id))).toMatchObject({
      address: '7 Secret Lane',
      confidential: false,
    })
    const { items } = await listLocations(partner, { limit: 200 })
    const told = items.filter(({ id }) => hidden.some((one) => one.id === id))
    expect(told).toHaveLength(2)
    expect(JSON.stringify(told)).not.toMatch(/Secret|25\.01|121\.51/)
  })

  it('are listed by area and organization, a provider’s own', async () => {
    const south = await create({ areaId: world.areas.south })
    const { provider, otherProvider, partner, areas } = world
    const ids = async (filter: object) =>
      (await listLocations(partner, { limit: 200, ...filter })).items.map(({ id }) => id)
    expect(await ids({ areaId: areas.south })).toEqual([south.id])
    expect(await ids({ areaId: areas.district })).toContain(south.id)
    expect(await ids({ organizationId: provider.actor.organizationId })).toContain(south.id)
    expect(await ids({ organizationId: UNKNOWN })).toEqual([])
    expect((await listLocations(otherProvider, { limit: 200 })).items).toEqual([])
    const { items, nextCursor } = await listLocations(partner, { limit: 1 })
    const rest = await listLocations(partner, { limit: 200, cursor: nextCursor! })
    expect(rest.items.map(({ id }) => id)).not.toContain(items[0]!.id)
  })

  it('merge a patch under If-Match', async () => {
    const before = await create()
    const after = await revise(before.id, 1, { address: '8 Secret Lane', point: { latitude: 25.02 } })
    expect(after).toEqual({ ...before, address: '8 Secret Lane', latitude: 25.02, version: 2 })
    expect(await revise(before.id, 2, { point: null, visibility: 'public', areaId: null })).toMatchObject({
      latitude: null,
      longitude: null,
      visibility: 'public',
      areaId: null,
      version: 3,
    })
    expect((await refusalOf(revise(before.id, 1, { name: 'x' }))).code).toBe('precondition_failed')
    const foreign = reviseLocation(world.otherProvider, { name: 'x', locationId: before.id, version: 3 })
    expect((await refusalOf(foreign)).code).toBe('not_found')
    const told = (await world.db.root.select().from(events)).filter(({ objectId }) => objectId === before.id)
    expect(told.map(({ type }) => type)).toEqual(['location.created', 'location.revised', 'location.revised'])
  })

  it('point at the flaws of an edit', async () => {
    const { id } = await create()
    const flaws: [object, string][] = [
      [{ name: null }, '/name'],
      [{ address: '' }, '/address'],
      [{ point: { latitude: 91 } }, '/point/latitude'],
      [{ areaId: UNKNOWN }, '/areaId'],
      [{ visibility: 'secret' }, '/visibility'],
      [{ sourceRef: 'x' }, '/sourceRef'],
      [{}, ''],
    ]
    for (const [flaw, pointer] of flaws) {
      expect(await refusalOf(revise(id, 1, flaw))).toMatchObject({
        code: 'invalid_input',
        pointers: [pointer],
      })
    }
    const nowhere = await create({ point: null })
    const half = await refusalOf(revise(nowhere.id, 1, { point: { latitude: 25 } }))
    expect(half.pointers).toEqual(['/point/longitude'])
  })

  it('leave no address in the logs', async () => {
    const { id } = await create({ visibility: 'confidential' })
    await revise(id, 1, { address: '9 Secret Lane' })
    const logged = [
      ...(await world.db.root.select().from(auditEntries)),
      ...(await world.db.root.select().from(events)),
    ]
    expect(JSON.stringify(logged)).not.toMatch(/Secret/)
  })
})
