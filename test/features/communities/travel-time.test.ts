import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { straightMeters, walkingMinutes } from '../../../src/features/communities/reach.ts'
import { routedTravel } from '../../../src/features/communities/routed-travel.ts'
import type { Point } from '../../../src/features/communities/schemas.ts'
import { reckonedTravel } from '../../../src/features/communities/travel-time.ts'
import { readConfig } from '../../../src/platform/config.ts'
import { refusalOf } from './neighborhood.ts'

const at = (index: number): Point => ({ latitude: 25 + index / 1000, longitude: 121.5 + index / 2000 })
const points = (from: number, count: number) => Array.from({ length: count }, (_, index) => at(from + index))

/** A town whose ways are twice as long as the straight line; nobody walks more than 10 km. */
const way = (a: Point, b: Point): number | null => {
  const meters = straightMeters(a, b) * 2
  return meters > 10_000 ? null : meters
}

interface Asked {
  method: string
  url: URL
  body: string
}

/** Routers of that town: each answers as its engine's documentation says. */
const asked: Asked[] = []
let answer: ((request: Asked) => unknown) | null = null
let server: Server
let url: string

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const got = await read(request)
    asked.push(got)
    const reply = answer ? answer(got) : got.method === 'GET' ? osrmReply(got) : valhallaReply(got)
    if (reply === undefined) return // Never answers.
    const { status = 200, headers = {}, text = JSON.stringify(reply) } = reply as Record<string, never>
    response.writeHead(status, headers).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/maps/`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
beforeEach(() => {
  asked.length = 0
  answer = null
})

async function read(request: IncomingMessage): Promise<Asked> {
  let body = ''
  for await (const piece of request) body += piece
  return { method: request.method!, url: new URL(request.url!, 'http://town'), body }
}

function osrmReply({ url: { pathname, searchParams } }: Asked) {
  const places = /^\/maps\/table\/v1\/foot\/([\d.,;]+)$/
    .exec(pathname)![1]!
    .split(';')
    .map((text) => {
      const [longitude, latitude] = text.split(',').map(Number)
      return { latitude, longitude } as Point
    })
  const chosen = (name: string) =>
    searchParams
      .get(name)!
      .split(';')
      .map((index) => places[Number(index)]!)
  const distances = chosen('sources').map((from) => chosen('destinations').map((to) => way(from, to)))
  const durations = distances.map((row) => row.map((meters) => meters && meters / 1.4))
  const wanted = searchParams.get('annotations')!.split(',')
  return { code: 'Ok', durations, ...(wanted.includes('distance') && { distances }), sources: [] }
}

function valhallaReply({ url: { pathname }, body }: Asked) {
  expect(pathname).toBe('/maps/sources_to_targets')
  const { sources, targets, costing, costing_options } = JSON.parse(body)
  expect(costing).toBe('pedestrian')
  const asked = costing_options.pedestrian.walking_speed
  const speed = (asked < 0.5 ? 5.1 : asked) / 3.6
  type Place = { lat: number; lon: number }
  const point = ({ lat, lon }: Place): Point => ({ latitude: lat, longitude: lon })
  return {
    units: 'kilometers',
    sources_to_targets: sources.map((from: Place, from_index: number) =>
      targets.map((to: Place, to_index: number) => {
        const meters = way(point(from), point(to))
        return { from_index, to_index, distance: meters && meters / 1000, time: meters && meters / speed }
      }),
    ),
  }
}

const ENGINES = ['osrm', 'valhalla'] as const

describe.each(ENGINES)('a router that speaks %s', (engine) => {
  const travel = (metersPerSecond = 0.8, timeoutMs?: number) =>
    routedTravel({ url, engine }, { metersPerSecond, ...(timeoutMs ? { timeoutMs } : {}) })

  it('gives minutes at the asked speed, row by origin, null where there is no way', async () => {
    const [origins, destinations] = [points(0, 3), [...points(10, 2), at(5000)]]
    for (const speed of [0.1, 0.8, 1.2]) {
      const found = await travel(speed).matrix(origins, destinations)
      origins.forEach((from, row) => {
        destinations.forEach((to, column) => {
          const meters = way(from, to)
          if (meters === null) expect(found[row]![column]).toBeNull()
          else expect(found[row]![column]).toBeCloseTo(meters / speed / 60, 6)
        })
      })
    }
    expect(asked).toHaveLength(3)
  })

  it('asks for at most 2,500 pairs at once, and puts the parts together in order', async () => {
    const [origins, destinations] = [points(0, 101), points(3, 60)]
    const found = await travel().matrix(origins, destinations)
    expect(asked).toHaveLength(3 * 2)
    expect(found.map((row) => row.length)).toEqual(origins.map(() => 60))
    const expected = origins.map((from) => destinations.map((to) => way(from, to)! / 0.8 / 60))
    found.forEach((row, of) => {
      row.forEach((minutes, to) => {
        expect(minutes).toBeCloseTo(expected[of]![to]!, 6)
      })
    })
  })

  it('asks nobody where there is nothing to ask', async () => {
    expect(await travel().matrix([], points(0, 2))).toEqual([])
    expect(await travel().matrix(points(0, 2), [])).toEqual([[], []])
    expect(asked).toEqual([])
  })

  const right = { osrm: osrmReply, valhalla: valhallaReply }[engine]
  it.each<[string, (request: Asked) => unknown]>([
    ['an error', () => ({ status: 500, text: 'no' })],
    ['an engine’s own refusal', () => ({ status: 400, text: '{"code":"TooBig"}' })],
    ['another address', () => ({ status: 302, headers: { location: url } })],
    ['no JSON', () => ({ text: '<html>' })],
    ['JSON of another kind', () => ({ code: 'Ok', sources_to_targets: 5, durations: 'none' })],
    ['negative times', () => ({ code: 'Ok', durations: [[-1]], sources_to_targets: [[{ time: -1 }]] })],
    ['a smaller matrix', () => ({ code: 'Ok', durations: [[]], sources_to_targets: [[]] })],
    ['a refusal with status 200', (got) => ({ ...right(got), code: 'NoTable', sources_to_targets: null })],
  ])('is unavailable where it answers %s', async (_what, reply) => {
    answer = reply
    expect((await refusalOf(travel().matrix(points(0, 1), points(1, 1)))).code).toBe('unavailable')
  })

  it('is unavailable where it does not answer in time, or is not there', async () => {
    answer = () => undefined
    expect((await refusalOf(travel(1, 50).matrix(points(0, 1), points(1, 1)))).code).toBe('unavailable')
    const nobody = routedTravel({ url: 'http://127.0.0.1:1', engine }, { metersPerSecond: 1 })
    expect((await refusalOf(nobody.matrix(points(0, 1), points(1, 1)))).code).toBe('unavailable')
  })
})

it('takes an OSRM that tells no distances at its durations', async () => {
  answer = (got) => ({ ...osrmReply(got), distances: undefined })
  const [[minutes]] = (await routedTravel({ url, engine: 'osrm' }, { metersPerSecond: 0.1 }).matrix(
    [at(0)],
    [at(9)],
  )) as [[number]]
  expect(minutes).toBeCloseTo(way(at(0), at(9))! / 1.4 / 60, 6)
})

it('reckons by the formula of reach without a router', async () => {
  const walking = { metersPerSecond: 0.8, detourFactor: 1.3 }
  const found = await reckonedTravel(walking).matrix(points(0, 2), points(5, 3))
  expect(found).toEqual(points(0, 2).map((a) => points(5, 3).map((b) => walkingMinutes(a, b, walking))))
})

describe('its settings', () => {
  it('are an address and a protocol, OSRM’s where none is named', () => {
    expect(readConfig({})).toMatchObject({ LIFECIRCLE_TRAVEL_ENGINE: 'osrm' })
    expect(readConfig({}).LIFECIRCLE_TRAVEL_URL).toBeUndefined()
    const set = { LIFECIRCLE_TRAVEL_URL: 'http://router:8002', LIFECIRCLE_TRAVEL_ENGINE: 'valhalla' }
    expect(readConfig(set)).toMatchObject(set)
  })

  it.each([
    ['LIFECIRCLE_TRAVEL_URL', 'ftp://router'],
    ['LIFECIRCLE_TRAVEL_URL', 'router'],
    ['LIFECIRCLE_TRAVEL_ENGINE', 'google'],
  ])('%s is not %s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} is not valid`))
  })
})
