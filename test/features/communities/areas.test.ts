import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { areaSubtree } from '../../../src/features/communities/area-subtree.ts'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { createAreas } from '../../../src/features/communities/create-areas.ts'
import { getArea, listAreas } from '../../../src/features/communities/list-areas.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from './neighborhood.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe.each(engines())('areas on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  it('gives the subtree with its root, and nothing for an unknown area', async () => {
    const { operator, areas } = world
    const grid = await createArea(operator, { kind: 'grid', code: 'N-1', name: 'N-1', parentId: areas.north })
    expect((await areaSubtree(operator, areas.district)).sort()).toEqual(
      [areas.district, areas.north, areas.south, grid.id].sort(),
    )
    expect(await areaSubtree(operator, areas.south)).toEqual([areas.south])
    expect(await areaSubtree(operator, UNKNOWN)).toEqual([])
  })

  it('keeps the order of the tree', async () => {
    const { operator, areas } = world
    const into = (parentId: string) =>
      refusalOf(createArea(operator, { kind: 'district', code: 'X', name: 'X', parentId }))
    expect(await into(areas.north)).toMatchObject({ code: 'invalid_input', pointers: ['/parentId'] })
    expect(await into(UNKNOWN)).toMatchObject({ code: 'invalid_input', pointers: ['/parentId'] })
  })

  it('refuses text that cannot be stored and a code that is taken', async () => {
    const { operator } = world
    for (const name of ['a\0b', '\ud800', '   ', 'x'.repeat(201)]) {
      const refusal = await refusalOf(createArea(operator, { kind: 'district', code: 'T', name }))
      expect(refusal).toMatchObject({ code: 'invalid_input', pointers: ['/name'] })
    }
    const again = await refusalOf(createArea(operator, { kind: 'district', code: 'D', name: 'D' }))
    expect(again.code).toBe('duplicate')
  })

  it('imports many, in order, and leaves known ones as they are', async () => {
    const { operator, areas } = world
    const wanted = Array.from({ length: 1200 }, (_, at) => ({
      kind: 'grid' as const,
      code: `S-${at}`,
      name: `Grid ${at}`,
      parentId: areas.south,
      point: { latitude: 25 + at / 10_000, longitude: 121.5 },
    }))
    const first = await createAreas(operator, wanted)
    expect(first).toMatchObject({ created: 1200, existing: 0 })
    expect(await getArea(operator, first.ids[1100]!)).toMatchObject({ code: 'S-1100', latitude: 25.11 })
    const extra = { kind: 'grid' as const, code: 'S-new', name: 'New', parentId: areas.south }
    const again = await createAreas(operator, [{ ...wanted[0]!, name: 'Renamed' }, extra])
    expect(again).toMatchObject({ created: 1, existing: 1 })
    expect(again.ids[0]).toBe(first.ids[0])
    expect((await getArea(operator, first.ids[0]!)).name).toBe('Grid 0')
  })

  it('says which rows of an import have no place in the tree', async () => {
    const { operator, areas } = world
    const rows = [
      { kind: 'grid' as const, code: 'ok', name: 'ok', parentId: areas.south },
      { kind: 'grid' as const, code: 'lost', name: 'lost', parentId: UNKNOWN },
      { kind: 'district' as const, code: 'big', name: 'big', parentId: areas.south },
    ]
    const refusal = await refusalOf(createAreas(operator, rows))
    expect(refusal).toMatchObject({ code: 'invalid_input', pointers: ['/1/parentId', '/2/parentId'] })
  })

  it('pages, and filters by parent and kind', async () => {
    const { partner, areas } = world
    const parts = await listAreas(partner, { limit: 1, parentId: areas.district })
    expect(parts.items.map((area) => area.id)).toEqual([areas.north])
    const rest = await listAreas(partner, {
      limit: 10,
      parentId: areas.district,
      ...(parts.nextCursor ? { cursor: parts.nextCursor } : {}),
    })
    expect(rest).toMatchObject({ items: [{ id: areas.south }], nextCursor: null })
    const districts = await listAreas(partner, { limit: 10, kind: 'district' })
    expect(districts.items.map((area) => area.id)).toEqual([areas.district])
  })

  it('is created by the operator only, and read by everyone', async () => {
    const { partner, areas } = world
    const refusal = await refusalOf(createArea(partner, { kind: 'district', code: 'P', name: 'P' }))
    expect(refusal.code).toBe('forbidden')
    expect((await getArea(partner, areas.north)).code).toBe('N')
    expect((await refusalOf(getArea(partner, UNKNOWN))).code).toBe('not_found')
  })
})
