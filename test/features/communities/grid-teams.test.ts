import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAreas } from '../../../src/features/communities/create-areas.ts'
import { getGridTeam, listGridTeams } from '../../../src/features/communities/list-grid-teams.ts'
import { setGridPost } from '../../../src/features/communities/set-grid-post.ts'
import { GridPost } from '../../../src/features/communities/station-schemas.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from './neighborhood.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe.each(engines())('the teams of grids on %s', (rung) => {
  let world: Neighborhood
  let north: string
  let south: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    const { ids } = await createAreas(world.operator, [
      { kind: 'grid', code: 'N-1', name: 'North 1', parentId: world.areas.north },
      { kind: 'grid', code: 'S-1', name: 'South 1', parentId: world.areas.south },
    ])
    ;[north, south] = ids as [string, string]
  })
  afterAll(() => world.close())

  const vacantIn = async (areaId: string) =>
    (await listGridTeams(world.partner, { limit: 10, areaId, vacant: 'true' })).items.map(({ id }) => id)

  it('have five posts, vacant until somebody is there', async () => {
    const team = await getGridTeam(world.partner, north)
    expect(team).toMatchObject({ code: 'N-1', name: 'North 1' })
    expect(team.posts).toEqual(GridPost.options.map((post) => ({ post, state: 'vacant', changedAt: null })))
    expect(await vacantIn(world.areas.district)).toEqual([north, south])
  })

  it('leave the list of vacancies when the fifth post is filled, and come back when one is vacant', async () => {
    const { purchaser, partner, areas, clock } = world
    for (const [at, post] of GridPost.options.entries()) {
      expect(await vacantIn(areas.north)).toEqual([north])
      const team = await setGridPost(purchaser, { gridId: north, post, state: 'filled' })
      expect(team.posts.filter(({ state }) => state === 'filled')).toHaveLength(at + 1)
    }
    expect(await vacantIn(areas.north)).toEqual([])
    expect(await vacantIn(areas.district)).toEqual([south])
    const full = await listGridTeams(partner, { limit: 10, vacant: 'false' })
    expect(full.items.map(({ id }) => id)).toEqual([north])
    clock.advance(60_000)
    const team = await setGridPost(purchaser, { gridId: north, post: 'police_officer', state: 'vacant' })
    expect(team.posts[2]).toEqual({ post: 'police_officer', state: 'vacant', changedAt: clock.read() })
    expect(await vacantIn(areas.district)).toEqual([north, south])
  })

  it('change nothing when the same is said twice', async () => {
    const { purchaser, clock, db } = world
    const said = { gridId: south, post: 'grid_leader', state: 'filled' } as const
    const first = await setGridPost(purchaser, said)
    const before = await db.root.select().from(events)
    clock.advance(60_000)
    expect(await setGridPost(purchaser, said)).toEqual(first)
    expect(await db.root.select().from(events)).toHaveLength(before.length)
  })

  it('come in pages', async () => {
    const first = await listGridTeams(world.partner, { limit: 1 })
    expect(first.items.map(({ id }) => id)).toEqual([north])
    const rest = await listGridTeams(world.partner, { limit: 1, cursor: first.nextCursor! })
    expect(rest).toMatchObject({ items: [{ id: south }], nextCursor: null })
  })

  it('belong to grids within reach only', async () => {
    const { purchaser, partner, areas } = world
    const set = (actor = purchaser, gridId = north) =>
      refusalOf(setGridPost(actor, { gridId, post: 'grid_leader', state: 'vacant' }))
    const local = world.context({ role: 'purchaser.officer', areaId: areas.south })
    expect((await set(local)).code).toBe('not_found')
    expect((await set(purchaser, areas.north)).code).toBe('not_found')
    expect((await set(purchaser, UNKNOWN)).code).toBe('not_found')
    expect((await set(partner)).code).toBe('forbidden')
    expect((await refusalOf(getGridTeam(partner, areas.north))).code).toBe('not_found')
  })
})
