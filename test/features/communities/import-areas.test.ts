import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { areasAround } from '../../../src/features/communities/areas-around.ts'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { importAreas } from '../../../src/features/communities/import-areas.ts'
import { listAreas } from '../../../src/features/communities/list-areas.ts'
import type { Point } from '../../../src/features/communities/schemas.ts'
import { engines, openTestDb } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from './neighborhood.ts'
import {
  collectionOf,
  plainImport,
  polygon,
  square,
  taipeiAbsent,
  taipeiVillages,
  village,
} from './squares.ts'

describe.each(engines())('an import of areas on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  const areaOf = async (code: string) => {
    const page = await listAreas(world.partner, { limit: 200 })
    return page.items.find((area) => area.code === code)
  }

  it('creates areas and what they lie in, and changes nothing when repeated', async () => {
    const wanted = plainImport(village(1), village(2), village(3))
    const first = await importAreas(world.operator, wanted)
    expect(first).toEqual({
      created: 3,
      updated: 0,
      unchanged: 0,
      parentsCreated: 1,
      layers: [{ features: 3, imported: 3, refused: 0 }],
      notes: [],
    })
    const parent = await areaOf('D-1')
    expect(parent).toMatchObject({ kind: 'district', name: 'Old Town', parentId: null })
    const area = await areaOf('V-2')
    expect(area).toMatchObject({ kind: 'community', name: 'Village 2', parentId: parent!.id })
    expect(area!.population).toEqual({ age0to14: 12, age15to64: 100, age65up: 30, medianIncome: null })
    expect(area!.longitude).toBeCloseTo(121.025, 9)
    expect(area!.latitude).toBeCloseTo(25.005, 9)
    const again = await importAreas(world.operator, wanted)
    expect(again).toMatchObject({ created: 0, updated: 0, unchanged: 3, parentsCreated: 0, notes: [] })
    expect((await areaOf('V-2'))!.id).toBe(area!.id)
  })

  it('updates what has changed, under the id it had', async () => {
    await importAreas(world.operator, plainImport(village(1), village(2)))
    const before = await areaOf('V-1')
    const larger = polygon(village(2).properties!, square(121.02, 25, 0.005))
    const counts = await importAreas(
      world.operator,
      plainImport(village(1, { name: 'Renamed' }), larger, village(4)),
    )
    expect(counts).toMatchObject({ created: 1, updated: 2, unchanged: 0 })
    expect(await areaOf('V-1')).toMatchObject({ id: before!.id, name: 'Renamed' })
    expect((await areaOf('V-2'))!.longitude).toBeCloseTo(121.0225, 9)
  })

  it('finds the areas around a point, holes left out', async () => {
    const ring = polygon(
      { ...village(50).properties, code: 'ring' },
      square(122, 24),
      square(122.002, 24.002, 0.002),
    )
    await importAreas(world.operator, plainImport(village(60), ring))
    const [inside, hole, outside, other] = await areasAround(world.operator, [
      { latitude: 24.0005, longitude: 122.0005 },
      { latitude: 24.003, longitude: 122.003 },
      { latitude: 23, longitude: 122 },
      { latitude: 25.065, longitude: 121.005 },
    ])
    expect(inside).toEqual([(await areaOf('ring'))!.id])
    expect([hole, outside]).toEqual([[], []])
    expect(other).toEqual([(await areaOf('V-60'))!.id])
    const at = { latitude: 25.065, longitude: 121.005 }
    const page = await listAreas(world.partner, { limit: 10, at })
    expect(page.items.map(({ code }) => code)).toEqual(['V-60'])
    expect((await listAreas(world.partner, { limit: 10, at, kind: 'grid' })).items).toEqual([])
  })

  it('lists every feature that does not go in, and why', async () => {
    const none = { ...village(74), geometry: null }
    const report = await importAreas(
      world.operator,
      plainImport(
        village(70),
        village(71, { name: '  ' }),
        village(72, { age65up: 3.5 }),
        village(73, { age15to64: '100' }),
        none,
        village(75, { code: 'D' }),
        village(76, { parentCode: 'N', parentName: 'N' }),
        village(77, { code: undefined }),
        { ...village(78), properties: null },
      ),
    )
    expect(report).toMatchObject({ created: 1, layers: [{ features: 9, imported: 1, refused: 8 }] })
    expect(report.notes.map(({ index, field, reason }) => [index, field, reason])).toEqual([
      [1, 'name', 'is not a text of 1 to 200 characters'],
      [2, 'age65up', 'is not a whole number'],
      [3, 'age15to64', 'is not a number from 0 on'],
      [4, null, 'the feature has no outline'],
      [7, 'code', 'is not a text of 1 to 100 characters'],
      [8, 'code', 'is not a text of 1 to 100 characters'],
      [5, null, 'the code D is that of a district'],
      [6, null, 'the code N of what it lies in is that of another kind of area'],
    ])
    expect(report.notes.every(({ outcome }) => outcome === 'refused')).toBe(true)
  })

  it('joins layers by name, puts lost characters right, and accounts for every feature of each', async () => {
    const income = (name: string, value: unknown, district = 'Old Town') =>
      polygon({ name, district, value }, square(0, 0))
    const wanted = plainImport(
      village(80, { name: 'Hea?y' }),
      village(81, { name: 'Poor' }),
      village(82, { name: '' }),
      village(83, { name: 'Bad' }),
    )
    wanted.layers.push({
      map: { name: 'name', parentName: 'district', population: { medianIncome: 'value' } },
      collection: collectionOf(
        income('Heavy', 500),
        income('Heavy', 500, 'Elsewhere'),
        income('Bad', -1),
        income('Bad', 7),
        income('', 7),
      ),
    })
    const report = await importAreas(world.operator, wanted)
    expect(report.layers).toEqual([
      { features: 4, imported: 2, refused: 2 },
      { features: 5, imported: 1, refused: 4 },
    ])
    expect(report.notes.map(({ layer, index, outcome }) => [layer, index, outcome]).sort()).toEqual([
      [0, 0, 'kept'],
      [0, 1, 'kept'],
      [0, 2, 'refused'],
      [0, 3, 'refused'],
      [1, 1, 'refused'],
      [1, 2, 'refused'],
      [1, 3, 'refused'],
      [1, 4, 'refused'],
    ])
    expect(await areaOf('V-80')).toMatchObject({ name: 'Heavy', population: { medianIncome: 500 } })
    expect(await areaOf('V-81')).toMatchObject({ name: 'Poor', population: { medianIncome: null } })
  })

  it('refuses what is no sound GeoJSON, names the field, and changes nothing', async () => {
    const before = await listAreas(world.partner, { limit: 200 })
    const at = '/layers/0/collection/features/1'
    const open = square(121, 25)
      .slice(0, 4)
      .concat([[121, 25.5]])
    let deep: unknown = 1
    for (let level = 0; level < 300; level++) deep = [deep]
    const line = { type: 'LineString', coordinates: square(121, 25) }
    for (const [feature, pointer] of [
      [{ ...village(90), type: 'Village' }, `${at}/type`],
      [{ ...village(90), geometry: line }, `${at}/geometry/type`],
      [polygon({}, [...square(121, 25).slice(0, 4), [181, 25]]), `${at}/geometry/coordinates/0/4`],
      [polygon({}, [[121, 90.5], ...square(121, 25)]), `${at}/geometry/coordinates/0/0`],
      [polygon({}, open), `${at}/geometry/coordinates/0`],
      [polygon({}, square(121, 25).slice(0, 3)), `${at}/geometry/coordinates/0`],
      [village(90, { deep }), `${at}/properties/deep`],
      [{ ...village(90), geometry: { type: 'Polygon', coordinates: deep } }, `${at}/geometry/coordinates`],
      [village(89), `${at}/properties/code`],
    ] as const) {
      const refusal = await refusalOf(importAreas(world.operator, plainImport(village(89), feature)))
      expect(refusal.code).toBe('invalid_input')
      expect(refusal.pointers[0]).toContain(pointer)
    }
    expect(await listAreas(world.partner, { limit: 200 })).toEqual(before)
  })

  it('refuses a map without a code or with half a population, kinds that do not fit, and other roles', async () => {
    const wanted = () => plainImport(village(1))
    const uncoded = wanted()
    delete (uncoded.layers[0]!.map as { code?: string }).code
    expect((await refusalOf(importAreas(world.operator, uncoded))).pointers).toEqual(['/layers/0/map/code'])
    const half = wanted()
    half.layers[0]!.map.population = { age65up: 'age65up' }
    expect((await refusalOf(importAreas(world.operator, half))).pointers).toEqual([
      '/layers/0/map/population',
    ])
    const kinds = { ...wanted(), kind: 'district' as const }
    expect((await refusalOf(importAreas(world.operator, kinds))).pointers).toEqual(['/kind'])
    expect((await refusalOf(importAreas(world.purchaser, wanted()))).code).toBe('forbidden')
  })

  it('keeps a parent and figures that it does not map', async () => {
    const { operator, areas } = world
    const population = { age0to14: 1, age15to64: 2, age65up: 3, medianIncome: 4 }
    const known = { kind: 'community' as const, code: 'kept', name: 'Kept', population }
    await createArea(operator, { ...known, parentId: areas.district })
    const map = { code: 'code', name: 'name' }
    const collection = collectionOf(polygon({ code: 'kept', name: 'Kept' }, square(10, 10)))
    const report = await importAreas(operator, { layers: [{ map, collection }] })
    expect(report).toMatchObject({ created: 0, updated: 1 })
    expect(await areaOf('kept')).toMatchObject({ parentId: areas.district, population })
  })
})

describe.skipIf(taipeiAbsent).each(engines())('the real city’s villages on %s', (rung) => {
  it('go in with 574,458 residents aged 65 and over, once', async () => {
    const world = await openTestDb(rung)
    const operator = world.context()
    const wanted = taipeiVillages()
    const report = await importAreas(operator, wanted)
    const sound = { features: 456, imported: 456, refused: 0 }
    expect(report).toMatchObject({ created: 456, parentsCreated: 12, layers: [sound, sound] })
    expect(report.notes).toMatchObject([{ layer: 0, field: 'VILLAGE', outcome: 'kept' }])
    expect(report.notes[0]!.reason).toContain('糖廍里')
    const again = await importAreas(operator, wanted)
    expect(again).toMatchObject({ created: 0, updated: 0, unchanged: 456, parentsCreated: 0 })

    let elderly = 0
    const points: Point[] = []
    const ids: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await listAreas(operator, { limit: 200, kind: 'community', ...(cursor ? { cursor } : {}) })
      for (const { id, population, latitude, longitude } of page.items) {
        elderly += population!.age65up
        expect(population!.medianIncome).toBeGreaterThanOrEqual(360)
        ids.push(id)
        points.push({ latitude: latitude!, longitude: longitude! })
      }
      if (!page.nextCursor) break
      cursor = page.nextCursor
    }
    expect(elderly).toBe(574_458)
    // A bent village's centroid may lie in its neighbor: most lie in their own.
    const around = await areasAround(operator, points)
    const own = around.filter((found, at) => found.includes(ids[at]!)).length
    expect(own).toBeGreaterThan(440)
    expect(around.every((found) => found.length <= 2)).toBe(true)
    await world.close()
  })
})
