import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeCommunityGroup } from '../../../src/features/communities/change-community-group.ts'
import { changeStation } from '../../../src/features/communities/change-station.ts'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { createCommunityGroup } from '../../../src/features/communities/create-community-group.ts'
import { createStation } from '../../../src/features/communities/create-station.ts'
import {
  getCommunityGroup,
  listCommunityGroups,
} from '../../../src/features/communities/list-community-groups.ts'
import { getStation, listStations } from '../../../src/features/communities/list-stations.ts'
import { flawOfShares, sharesByWeight, WHOLE } from '../../../src/features/communities/shares.ts'
import type { CreateStation } from '../../../src/features/communities/station-schemas.ts'
import type { Context } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from './neighborhood.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe.each(engines())('stations and joint communities on %s', (rung) => {
  let world: Neighborhood
  let local: Context
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    local = world.context({ role: 'purchaser.officer', areaId: world.areas.north })
  })
  afterAll(() => world.close())

  const station = (more: Partial<CreateStation> = {}): CreateStation => ({
    locationId: randomUUID(),
    level: 'regional',
    name: 'Center',
    areaId: world.areas.district,
    ...more,
  })
  const members = (north = 2500, south = 7500) => [
    { areaId: world.areas.north, share: north, subArea: 'Upper part' },
    { areaId: world.areas.south, share: south },
  ]

  it('makes a location a station, once, and lists it in its area and the larger ones', async () => {
    const { purchaser, partner, areas } = world
    const wanted = station({ level: 'neighborhood', areaId: areas.north, agents: 4 })
    const row = await createStation(purchaser, wanted)
    expect(row).toMatchObject({ ...wanted, version: 1 })
    expect(await getStation(partner, row.id)).toEqual(row)
    expect((await refusalOf(createStation(purchaser, wanted))).code).toBe('duplicate')
    const idsIn = async (areaId: string) =>
      (await listStations(partner, { limit: 50, areaId, level: 'neighborhood' })).items.map(({ id }) => id)
    expect(await idsIn(areas.north)).toEqual([row.id])
    expect(await idsIn(areas.district)).toEqual([row.id])
    expect(await idsIn(areas.south)).toEqual([])
  })

  it('changes a station at the version that was seen', async () => {
    const { purchaser, areas } = world
    const { id } = await createStation(purchaser, station())
    const change = { id, level: 'community' as const, name: 'House', areaId: areas.south, agents: 9 }
    const changed = await changeStation(purchaser, { ...change, expectedVersion: 1 })
    expect(changed).toMatchObject({ ...change, version: 2 })
    const stale = await refusalOf(changeStation(purchaser, { ...change, expectedVersion: 1 }))
    expect(stale.code).toBe('precondition_failed')
    const lost = await refusalOf(changeStation(purchaser, { ...change, id: UNKNOWN, expectedVersion: 1 }))
    expect(lost.code).toBe('not_found')
  })

  it('keeps an officer to the own area, and providers and partners out', async () => {
    const { areas, purchaser, provider, partner } = world
    const beyond = await refusalOf(createStation(local, station({ areaId: areas.south })))
    expect(beyond).toMatchObject({ code: 'invalid_input', pointers: ['/areaId'] })
    const unknown = await refusalOf(createStation(purchaser, station({ areaId: UNKNOWN })))
    expect(unknown).toMatchObject({ code: 'invalid_input', pointers: ['/areaId'] })
    const { id } = await createStation(purchaser, station())
    const change = { id, expectedVersion: 1, level: 'regional' as const, name: 'Mine', agents: 0 }
    expect((await refusalOf(changeStation(local, { ...change, areaId: areas.north }))).code).toBe('not_found')
    for (const actor of [provider, partner]) {
      expect((await refusalOf(createStation(actor, station()))).code).toBe('forbidden')
    }
    const stationId = (await createStation(local, station({ areaId: areas.north }))).id
    const group = { name: 'Both', stationId, members: members() }
    const foreign = await refusalOf(createCommunityGroup(local, group))
    expect(foreign).toMatchObject({ code: 'invalid_input', pointers: ['/members/1/areaId'] })
    const row = await createCommunityGroup(purchaser, group)
    const taken = await refusalOf(changeCommunityGroup(local, { ...group, id: row.id, expectedVersion: 1 }))
    expect(taken.code).toBe('not_found')
  })

  it('joins communities that share a regional station', async () => {
    const { purchaser, partner, areas } = world
    const stationId = (await createStation(purchaser, station())).id
    const row = await createCommunityGroup(purchaser, { name: 'Both', stationId, members: members() })
    expect(row).toMatchObject({
      name: 'Both',
      stationId,
      version: 1,
      members: [
        { areaId: areas.north, share: 2500, subArea: 'Upper part' },
        { areaId: areas.south, share: 7500, subArea: null },
      ],
    })
    expect(await getCommunityGroup(partner, row.id)).toEqual(row)
    const ofStation = await listCommunityGroups(partner, { limit: 10, stationId })
    expect(ofStation).toEqual({ items: [row], nextCursor: null })
    const ofArea = await listCommunityGroups(partner, { limit: 200, areaId: areas.south })
    expect(ofArea.items).toContainEqual(row)
    const other = await createArea(world.operator, { kind: 'district', code: randomUUID(), name: 'Other' })
    expect((await listCommunityGroups(partner, { limit: 10, areaId: other.id })).items).toEqual([])
    const second = { name: 'Again', stationId, members: members() }
    expect((await refusalOf(createCommunityGroup(purchaser, second))).code).toBe('duplicate')
  })

  it('changes a group whole, at the version that was seen', async () => {
    const { purchaser } = world
    const stationId = (await createStation(purchaser, station())).id
    const row = await createCommunityGroup(purchaser, { name: 'Both', stationId, members: members() })
    const change = { id: row.id, name: 'Both, anew', stationId, members: members(10_000, 0) }
    const changed = await changeCommunityGroup(purchaser, { ...change, expectedVersion: 1 })
    expect(changed).toMatchObject({ name: 'Both, anew', version: 2 })
    expect(changed.members.map(({ share }) => share).sort()).toEqual([0, 10_000])
    const stale = await refusalOf(changeCommunityGroup(purchaser, { ...change, expectedVersion: 1 }))
    expect(stale.code).toBe('precondition_failed')
    const lost = { ...change, id: UNKNOWN, expectedVersion: 1 }
    expect((await refusalOf(changeCommunityGroup(purchaser, lost))).code).toBe('not_found')
    expect((await getCommunityGroup(purchaser, row.id)).version).toBe(2)
  })

  it('refuses shares that are not the whole, members twice, other areas, and other stations', async () => {
    const { purchaser, areas } = world
    const stationId = (await createStation(purchaser, station())).id
    const local = (await createStation(purchaser, station({ level: 'community' }))).id
    const [north, south] = members()
    for (const [more, pointer] of [
      [{ members: members(2500, 7499) }, '/members'],
      [{ members: members(2500, 7501) }, '/members'],
      [{ members: members(-1, 10_001) }, '/members/0/share'],
      [{ members: members(0.5, 9999.5) }, '/members/0/share'],
      [{ members: [north!] }, '/members'],
      [{ members: [north!, { ...south!, areaId: north!.areaId }] }, '/members/1/areaId'],
      [{ members: [north!, { ...south!, areaId: UNKNOWN }] }, '/members/1/areaId'],
      [{ members: [north!, { ...south!, areaId: areas.district }] }, '/members/1/areaId'],
      [{ stationId: UNKNOWN }, '/stationId'],
      [{ stationId: local }, '/stationId'],
    ] as const) {
      const group = { name: 'Both', stationId, members: members(), ...more }
      const refusal = await refusalOf(
        createCommunityGroup(purchaser, { ...group, members: [...group.members] }),
      )
      expect(refusal.code).toBe('invalid_input')
      expect(refusal.pointers).toContain(pointer)
    }
    expect((await listCommunityGroups(purchaser, { limit: 10, stationId })).items).toEqual([])
  })

  it('keeps a shared station regional', async () => {
    const { purchaser, areas } = world
    const { id } = await createStation(purchaser, station())
    await createCommunityGroup(purchaser, { name: 'Both', stationId: id, members: members() })
    const change = { id, expectedVersion: 1, name: 'House', areaId: areas.district, agents: 0 }
    const refusal = await refusalOf(changeStation(purchaser, { ...change, level: 'community' }))
    expect(refusal.code).toBe('state_conflict')
    expect(await changeStation(purchaser, { ...change, level: 'regional' })).toMatchObject({ version: 2 })
  })
})

describe('shares', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 60 })

  it('by weight are the whole, and each within a basis point of its exact part', () => {
    fc.assert(
      fc.property(weights, (given) => {
        const shares = sharesByWeight(given)
        const total = given.reduce((a, b) => a + b, 0)
        expect(shares.reduce((a, b) => a + b, 0)).toBe(WHOLE)
        shares.forEach((share, at) => {
          expect(Number.isInteger(share)).toBe(true)
          const exact = total === 0 ? WHOLE / given.length : (given[at]! / total) * WHOLE
          expect(Math.abs(share - exact)).toBeLessThan(1 + 1e-6)
        })
        const declared = shares.map((share, at) => ({ areaId: String(at), share }))
        expect(flawOfShares(declared)).toBeNull()
      }),
    )
  })

  it('are flawed by any change of one of them, and by any community that stands twice', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: -50, max: 50 }), fc.nat(), (given, change, pick) => {
        const at = pick % given.length
        const declared = sharesByWeight(given).map((share, of) => ({ areaId: String(of), share }))
        declared[at]!.share += change
        expect(flawOfShares(declared) === null).toBe(change === 0)
        const twice = [...declared, { areaId: String(at), share: 0 }]
        expect(flawOfShares(twice)).toMatchObject({ path: [given.length, 'areaId'] })
      }),
    )
  })
})
