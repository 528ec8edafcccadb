import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Community, placeFinder, weighCoverage } from '../../../src/features/catalog/coverage.ts'
import { Coverage, CoverageQuery } from '../../../src/features/catalog/coverage-schemas.ts'
import { getCoverage } from '../../../src/features/catalog/get-coverage.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import type { PublishOfferings } from '../../../src/features/catalog/schemas.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { importAreas } from '../../../src/features/communities/import-areas.ts'
import { straightMeters } from '../../../src/features/communities/reach.ts'
import type { Point } from '../../../src/features/communities/schemas.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { Role } from '../../../src/features/identity/schemas.ts'
import { type ApiWorld, openApi } from '../../app/api-world.ts'
import { engines } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'
import { plainImport, TAIPEI, taipeiAbsent, taipeiVillages, village } from '../communities/squares.ts'

type Wanted = NonNullable<PublishOfferings['offerings']>[number]
type Place = NonNullable<PublishOfferings['locations']>[number]

/** Publishes one offering a point, under one term. */
async function publish(
  { world, actors }: ApiWorld,
  term: string,
  points: readonly (Point | null)[],
  more: Partial<Wanted> = {},
  place: Partial<Place> = {},
) {
  const { organizationId } = actors.provider
  const refs = points.map((point, at) => ({ point, ref: `${term}-${at}` }))
  return publishOfferings(world.context(SYSTEM), {
    locations: refs.map(({ point, ref }) => ({
      ...{ organizationId, sourceRef: ref, name: ref, address: 'Road 1', point },
      ...place,
    })),
    offerings: refs.map(({ ref }) => ({
      ...{ organizationId, sourceRef: ref, locationRef: ref, name: term, term },
      ...{ category: 'elderly_care', tier: 'basic', mode: 'onsite', unit: 'visit', price: 0 },
      ...more,
    })),
  })
}

const ask = async (api: ApiWorld, query: string): Promise<Coverage> => {
  const { status, body } = await api.request('partner', 'GET', `/v1/communities/coverage?${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  expect(Coverage.parse(body)).toEqual(body)
  return body
}

/** Centers of the villages 1, 2 … of `village`: 1,008 m apart from west to east. */
const center = (at: number): Point => ({ latitude: 25.005, longitude: 121.005 + at * 0.01 })
const north = ({ latitude, longitude }: Point, meters: number): Point => ({
  latitude: latitude + (meters / 6_371_000) * (180 / Math.PI),
  longitude,
})

describe.each(engines())('coverage on %s', (rung) => {
  let api: ApiWorld
  let districtId: string
  beforeAll(async () => {
    api = await openApi(rung)
    const operator = api.world.context(SYSTEM)
    const people = (age65up: number, parent = 'D-1') => ({ age65up, parentCode: parent, parentName: parent })
    await importAreas(
      operator,
      plainImport(
        village(1, people(10)),
        village(2, people(20)),
        village(3, people(70)),
        village(4, people(900, 'D-2')),
      ),
    )
    const places = [north(center(1), 100), north(center(2), 700), north(center(4), 5)]
    await publish(api, 'meal', places)
    await publish(api, 'tai_chi', [north(center(3), 300)], { category: 'cultural' })
    await publish(api, 'home_care', [center(3)], { mode: 'home' })
    await publish(api, 'shelter', [center(3)], {}, { visibility: 'confidential' })
    await publish(api, 'family_care', [center(3)], {}, { addressOf: 'person' })
    await publish(api, 'unplaced', [null])
    const { offeringIds } = await publish(api, 'gone', [center(3)])
    for (const offeringId of offeringIds.values())
      await withdrawOffering(operator, { offeringId, version: 1 })
    const { body } = await api.request('partner', 'GET', '/v1/areas?kind=district&limit=200')
    districtId = body.items.find(({ code }: { code: string }) => code === 'D-1').id
  })
  afterAll(() => api.close())

  it('weighs communities by residents aged 65 and over, in a straight line', async () => {
    const found = await ask(api, `areaId=${districtId}&term=meal&travel=straight&meters=720`)
    expect(found.total).toEqual({
      ...{ communities: 3, covered: 2, unknown: 0 },
      ...{ age65up: 100, age65upCovered: 30, share: 0.3 },
    })
    expect(found).toMatchObject({ travel: 'straight', meters: 720, minutes: null, mobility: null, places: 3 })
    expect(found.communities.map(({ code, covered }) => [code, covered])).toEqual([
      ['V-1', true],
      ['V-2', true],
      ['V-3', false],
    ])
    expect(found.communities[0]!.nearest).toEqual({ meters: expect.closeTo(100, 3), minutes: null })
    expect((await ask(api, 'term=meal&travel=straight&meters=99')).total).toMatchObject({
      age65upCovered: 900,
    })
  })

  it('walks by the speed and detour of the policy, as far as its life circle or the asked minutes', async () => {
    // 15 minutes at 0.8 m/s with ways three tenths longer are 553.8 m in a straight line; at 1.2 m/s, 830.8 m.
    const slow = await ask(api, `areaId=${districtId}&term=meal`)
    expect(slow).toMatchObject({
      ...{ travel: 'walking', mobility: 'slow', minutes: 15, meters: null },
      ...{ metersPerSecond: 0.8, detourFactor: 1.3 },
    })
    expect(slow.total.age65upCovered).toBe(10)
    const { nearest } = slow.communities[1]!
    expect(nearest!.minutes).toBeCloseTo((nearest!.meters * 1.3) / 0.8 / 60, 9)
    const quick = await ask(api, `areaId=${districtId}&term=meal&mobility=independent`)
    expect(quick.total.age65upCovered).toBe(30)
    const longer = await ask(api, `areaId=${districtId}&term=meal&minutes=19`)
    expect(longer.total.age65upCovered).toBe(30)
  })

  it('is told by category and by several terms', async () => {
    const near = (query: string) => ask(api, `areaId=${districtId}&travel=straight&meters=400&${query}`)
    expect((await near('category=cultural')).total.age65upCovered).toBe(70)
    expect((await near('category=elderly_care')).total.age65upCovered).toBe(10)
    expect((await near('category=cultural&term=meal')).places).toBe(0)
    expect((await near('term=meal,tai_chi')).total.age65upCovered).toBe(80)
    expect((await near('')).total.age65upCovered).toBe(80)
  })

  it.each(['home_care', 'gone'])('counts no %s', async (term) => {
    const found = await ask(api, `term=${term}`)
    expect(found).toMatchObject({ places: 0, placesLeftOut: 0, total: { covered: 0, share: 0 } })
    expect(found.communities.every(({ nearest }) => nearest === null)).toBe(true)
  })

  it.each(['shelter', 'family_care', 'unplaced'])('tells no distance to %s', async (term) => {
    expect(await ask(api, `term=${term}`)).toMatchObject({
      places: 0,
      placesLeftOut: 1,
      total: { covered: 0 },
    })
  })

  it('says of areas without a point or a population that nobody knows', async () => {
    const operator = api.world.context(SYSTEM)
    const population = { age0to14: 0, age15to64: 0, age65up: 50, medianIncome: null }
    const grids = { kind: 'grid' as const, parentId: districtId }
    await createArea(operator, { ...grids, code: 'G-1', name: 'No point', population })
    await createArea(operator, { ...grids, code: 'G-2', name: 'No people', point: center(1) })
    const none = await ask(api, `areaId=${districtId}&kind=grid&term=meal`)
    expect(none.total).toEqual({
      ...{ communities: 2, covered: 1, unknown: 2 },
      ...{ age65up: 0, age65upCovered: 0, share: null },
    })
    expect(none.communities.map(({ covered }) => covered)).toEqual([null, true])
    await createArea(operator, { ...grids, code: 'G-3', name: 'Known', point: center(1), population })
    const some = await ask(api, `areaId=${districtId}&kind=grid&term=meal`)
    expect(some.total).toMatchObject({ communities: 3, unknown: 2, age65up: 50, share: 1 })
  })

  it.each(Role.options)('is for %s to read', async (role) => {
    expect((await api.request(role, 'GET', '/v1/communities/coverage')).status).toBe(200)
  })

  it('refuses an unknown area, and questions that make no sense, with the field named', async () => {
    const unknown = 'areaId=00000000-0000-7000-8000-0000000000ff'
    expect((await api.request('partner', 'GET', `/v1/communities/coverage?${unknown}`)).status).toBe(404)
    for (const [query, field] of [
      ['travel=straight', 'meters'],
      ['travel=straight&meters=500&minutes=15', 'minutes'],
      ['meters=500', 'meters'],
      ['travel=flying', 'travel'],
      ['minutes=0', 'minutes'],
      ['minutes=many', 'minutes'],
      ['minutes=1e9', 'minutes'],
      ['travel=straight&meters=1000000000', 'meters'],
      ['term=', 'term'],
      ['term=Day care', 'term'],
      ['mobility=fast', 'mobility'],
      ['kind=village', 'kind'],
      ['areaId=1', 'areaId'],
    ]) {
      const { status, body } = await api.request('partner', 'GET', `/v1/communities/coverage?${query}`)
      expect([query, status, body.code]).toEqual([query, 422, 'invalid_input'])
      expect(body.errors[0].pointer, query).toMatch(new RegExp(`^/query/${field}`))
    }
  })

  it('asks the router where one is set, for the nearest on foot among the nearest in a straight line', async () => {
    // Villages 1 and 2 are cut off by a river but for a bridge in the east: 5 km to everything, 200 m to the rest.
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://town')
      const east = pathname
        .split('/')
        .at(-1)!
        .split(';')
        .map((place) => Number(place.split(',')[0]) > 121.03)
      const of = (name: string) =>
        searchParams
          .get(name)!
          .split(';')
          .map((index) => east[Number(index)]!)
      const distances = of('sources').map((a) =>
        of('destinations').map((b) => (a && b ? 200 : a ? null : 5000)),
      )
      response.end(JSON.stringify({ code: 'Ok', durations: distances, distances }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const asking = (router: { url: string } | null) => {
      const ctx = { ...api.world.context(), router: router && { ...router, engine: 'osrm' as const } }
      return getCoverage(ctx, CoverageQuery.parse({ term: 'meal', travel: 'routed', areaId: districtId }))
    }
    const found = await asking({ url })
    expect(found).toMatchObject({ travel: 'routed', detourFactor: null, metersPerSecond: 0.8 })
    expect(found.communities.map(({ nearest }) => nearest!.minutes)).toEqual([
      5000 / 0.8 / 60,
      5000 / 0.8 / 60,
      200 / 0.8 / 60,
    ])
    expect(found.total.age65upCovered).toBe(70)
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
    expect((await refusalOf(asking({ url }))).code).toBe('unavailable')
    expect(await refusalOf(asking(null))).toMatchObject({ code: 'invalid_input', pointers: ['/travel'] })
  })
})

describe('the nearest place', () => {
  const point = fc.record({
    latitude: fc.double({ min: -89, max: 89, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  })

  it('is that of a search through all, in great-circle distance', () => {
    fc.assert(
      fc.property(
        fc.array(point, { maxLength: 200 }),
        point,
        fc.integer({ min: 1, max: 9 }),
        (places, from, most) => {
          const found = placeFinder(places)(from, most).map((place) => straightMeters(from, place))
          const all = places.map((place) => straightMeters(from, place)).sort((a, b) => a - b)
          expect(found).toHaveLength(Math.min(most, places.length))
          found.forEach((meters, at) => {
            // The index and the formula round differently: near the other end of the globe, by decimeters.
            expect(meters).toBeCloseTo(all[at]!, 0)
          })
        },
      ),
    )
  })

  it('covers no fewer when the limit grows, and shares what is known only', () => {
    const community = fc.record<Community & { meters: number | null }>({
      areaId: fc.constant('a'),
      code: fc.constant('c'),
      name: fc.constant('n'),
      point: fc.option(point),
      age65up: fc.option(fc.nat(1000)),
      meters: fc.option(fc.nat(3000)),
    })
    fc.assert(
      fc.property(fc.array(community), fc.nat(3000), fc.nat(500), (given, limit, more) => {
        const nearest = given.map(({ meters }) => (meters === null ? null : { meters, minutes: null }))
        const within = (most: number) => weighCoverage(given, nearest, ({ meters }) => meters <= most).total
        const [less, greater] = [within(limit), within(limit + more)]
        expect(greater.age65upCovered).toBeGreaterThanOrEqual(less.age65upCovered)
        const known = given.filter(({ point: at, age65up }) => at !== null && age65up !== null)
        expect(less.unknown).toBe(given.length - known.length)
        expect(less.age65up).toBe(known.reduce((sum, { age65up }) => sum + age65up!, 0))
        if (less.share !== null) expect(less.share).toBe(less.age65upCovered / less.age65up)
        expect(less.share === null).toBe(less.age65up === 0)
      }),
    )
  })
})

const CIVIL = 'csv/台北市政府社會局'
const HEALTH = 'csv/台北市政府衛生局'
/** Share of residents aged 65 and over within 500, 720 and 1000 m of each list, percent. */
const BASELINE: [term: string, file: string, places: number, shares: [number, number, number]][] = [
  ['c_station', `${CIVIL}/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv`, 291, [79.6, 90.7, 95.9]],
  ['care_point', `${CIVIL}/114年度臺北市社區照顧關懷據點㇐覽表_coord.csv`, 505, [89.4, 94.6, 97.8]],
  ['a_unit', `${HEALTH}/臺北市社區整合型服務中心(A單位)一覽表_coord.csv`, 63, [37.0, 59.9, 78.1]],
  ['dementia_point', 'csv/114年度臺北市失智社區服務據點布建清單_coord.csv', 50, [30.5, 50.3, 70.8]],
  ['day_care_center', 'csv/臺北市日間照顧機構一覽表_coord.csv', 14, [8.1, 16.5, 30.3]],
  ['clinic', 'csv/112年12月醫療院所分布圖_全國_診所_coord.csv', 3815, [91.3, 93.5, 96.7]],
  ['pharmacy', 'csv/健保特約醫事機構-藥局_coord.csv', 1084, [87.1, 91.1, 95.3]],
]

describe.skipIf(taipeiAbsent).each(engines())('the real city on %s', (rung) => {
  let api: ApiWorld
  beforeAll(async () => {
    api = await openApi(rung)
    await importAreas(api.world.context(SYSTEM), taipeiVillages())
    for (const [term, file] of BASELINE) await publish(api, term, pointsOf(file))
  }, 120_000)
  afterAll(() => api.close())

  function pointsOf(file: string): (Point | null)[] {
    const rows: Record<string, string>[] = parse(readFileSync(join(TAIPEI, file)), {
      columns: true,
      bom: true,
    })
    return rows.map(({ lat, lon }) => {
      const [latitude, longitude] = [Number(lat), Number(lon)]
      const inside = latitude > 24.9 && latitude < 25.3 && longitude > 121.4 && longitude < 121.7
      return inside ? { latitude, longitude } : null
    })
  }

  it.each(BASELINE)('is covered by %s as the published baseline says', async (term, file, places, shares) => {
    const usable = pointsOf(file).filter((point) => point !== null).length
    for (const [at, meters] of [500, 720, 1000].entries()) {
      const found = await ask(api, `travel=straight&meters=${meters}&term=${term}`)
      expect(found.places).toBe(usable)
      expect(found.places + found.placesLeftOut).toBe(pointsOf(file).length)
      expect(found.total).toMatchObject({ communities: 456, unknown: 0, age65up: 574_458 })
      expect(Math.abs(100 * found.total.share! - shares[at]!), `${meters} m`).toBeLessThanOrEqual(0.1)
    }
    expect(usable).toBe(places)
  })
})
