/** The routes of communities: statuses, ETags, and answers that are what the document says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAreas } from '../../../src/features/communities/create-areas.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { OPERATIONS } from '../../app/operations.ts'
import { plainImport, village } from './squares.ts'

const json = { 'content-type': 'application/json' }

describe('the routes of communities', () => {
  let api: ApiWorld
  let district: string
  let communities: string[]
  let grid: string
  beforeAll(async () => {
    api = await openApi()
    const system = api.world.context(SYSTEM)
    const area = (kind: 'district' | 'community' | 'grid', code: string, parentId: string | null) => ({
      ...{ kind, code, name: code, parentId },
    })
    district = (await createAreas(system, [area('district', 'D', null)])).ids[0]!
    communities = (
      await createAreas(system, [area('community', 'A', district), area('community', 'B', district)])
    ).ids
    grid = (await createAreas(system, [area('grid', 'A-1', communities[0]!)])).ids[0]!
  })
  afterAll(() => api.close())

  const send = async (operationId: string, path: string, body?: object, headers = {}) => {
    const { method, answer } = OPERATIONS.find((one) => one.operationId === operationId)!
    const found = await api.request('purchaser.officer', method, path, {
      headers: { ...json, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (found.status < 300) expect(answer!.parse(found.body)).toEqual(found.body)
    return found
  }

  it('make and change a station and a joint community under ETag and If-Match', async () => {
    const station = { level: 'regional', name: 'Center', areaId: district, agents: 3 }
    const locationId = '00000000-0000-7000-8000-0000000000aa'
    const key = { 'idempotency-key': 'station' }
    const made = await send('createStation', '/v1/stations', { ...station, locationId }, key)
    const path = `/v1/stations/${made.body.id}`
    expect([made.status, made.headers.get('etag'), made.headers.get('location')]).toEqual([201, '"1"', path])
    const again = await send('createStation', '/v1/stations', { ...station, locationId }, key)
    expect(again.body).toEqual(made.body)
    const wanted = { ...station, name: 'New center' }
    expect((await send('changeStation', path, wanted)).status).toBe(428)
    expect((await send('changeStation', path, wanted, { 'if-match': '"7"' })).status).toBe(412)
    const changed = await send('changeStation', path, wanted, { 'if-match': '"1"' })
    expect([changed.status, changed.headers.get('etag'), changed.body.name]).toEqual([
      200,
      '"2"',
      'New center',
    ])
    expect((await send('getStation', path)).headers.get('etag')).toBe('"2"')
    expect((await send('listStations', '/v1/stations')).body.items).toEqual([changed.body])

    const members = communities.map((areaId, at) => ({ areaId, share: at === 0 ? 4000 : 6000 }))
    const group = { name: 'A and B', stationId: made.body.id, members }
    const joined = await send('createCommunityGroup', '/v1/community-groups', group)
    expect([joined.status, joined.headers.get('etag')]).toEqual([201, '"1"'])
    const of = joined.headers.get('location')!
    const uneven = { ...group, members: [members[0], { ...members[1], share: 5999 }] }
    const refused = await send('changeCommunityGroup', of, uneven, { 'if-match': '"1"' })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/members'])
    const fresh = await send('changeCommunityGroup', of, { ...group, name: 'B and A' }, { 'if-match': '"1"' })
    expect([fresh.status, fresh.headers.get('etag')]).toEqual([200, '"2"'])
    expect((await send('getCommunityGroup', of)).body).toEqual(fresh.body)
    expect((await send('listCommunityGroups', '/v1/community-groups')).body.items).toEqual([fresh.body])
  })

  it('tell the team of a grid and set its posts', async () => {
    expect((await send('getGridTeam', `/v1/grids/${grid}`)).body).toMatchObject({ code: 'A-1', vacancies: 5 })
    const path = `/v1/grids/${grid}/posts/health_worker`
    const set = await send('setGridPost', path, { state: 'filled' })
    expect([set.status, set.body.vacancies]).toEqual([200, 4])
    expect((await send('listGridTeams', `/v1/grids?vacant=true&areaId=${district}`)).body.items).toEqual([
      set.body,
    ])
    expect((await send('listGridTeams', '/v1/grids?vacant=false')).body.items).toEqual([])
    expect((await send('setGridPost', `/v1/grids/${grid}/posts/mayor`, { state: 'filled' })).status).toBe(422)
    expect((await send('setGridPost', path, { state: 'holiday' })).body.errors[0].pointer).toBe('/state')
    expect((await send('getGridTeam', `/v1/grids/${district}`)).status).toBe(404)
  })

  it('import areas and find them by a point', async () => {
    const importing = (body: object) =>
      api.request('operator', 'POST', '/v1/areas/import', { headers: json, body: JSON.stringify(body) })
    const report = await importing(plainImport(village(5), village(6, { age65up: 'none' })))
    expect(report.status).toBe(200)
    expect(
      OPERATIONS.find(({ operationId }) => operationId === 'importAreas')!.answer!.parse(report.body),
    ).toEqual(report.body)
    expect(report.body).toMatchObject({
      created: 1,
      notes: [{ index: 1, field: 'age65up', outcome: 'refused' }],
    })
    const found = await send('listAreas', '/v1/areas?at=25.005,121.055')
    expect(found.body.items.map(({ code }: { code: string }) => code)).toEqual(['V-5'])
    expect((await send('listAreas', '/v1/areas?at=25.005,121.155')).body.items).toEqual([])
    for (const at of ['25', 'a,b', '91,0', '25,181', '']) {
      const { status, body } = await send('listAreas', `/v1/areas?at=${at}`)
      expect([at, status]).toEqual([at, 422])
      expect(body.errors[0].pointer).toMatch(/^\/query\/at/)
    }
    const bad = await importing(plainImport({ type: 'Feature', properties: {}, geometry: { type: 'Point' } }))
    expect([bad.status, bad.body.errors[0].pointer]).toEqual([
      422,
      '/layers/0/collection/features/0/geometry/type',
    ])
  })
})
