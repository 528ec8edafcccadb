/** A live HSDS API, of several makes, on a server of the test's own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FeedItem, Flaw, RawRecord } from '../../../src/features/feeds/feed-item.ts'
import {
  type LiveFeedOptions,
  type LiveProgress,
  readLiveFeed,
} from '../../../src/features/feeds/live/live-feed.ts'
import { Refusal } from '../../../src/platform/errors.ts'
import { TestClock } from '../../support/test-clock.ts'

type Thing = Record<string, unknown>
type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void

const clock = new TestClock()
let server: Server
let root: string
let requests: string[]
let waits: number[]
let answer: Answer

beforeEach(async () => {
  requests = []
  waits = []
  server = createServer((request, response) => {
    requests.push(request.url!)
    answer(request, response, new URL(request.url!, 'http://localhost'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hsds`
})
afterEach(() => {
  server.closeAllConnections()
  return new Promise((done) => server.close(done))
})

const organization = (id: string) => ({ id, name: `Organization ${id}`, description: 'D' })
const fullService = (id: string): Thing => ({
  id,
  name: `Service ${id}`,
  status: 'active',
  organization: organization('o1'),
  phones: [{ id: `p${id}`, number: id }],
})
const THINGS: Record<string, Thing[]> = {
  organizations: [
    organization('o1'),
    { ...organization('o2'), locations: [{ id: 'l1', location_type: 'physical' }] },
  ],
  services: Array.from({ length: 250 }, (_, index) => fullService(`s${index}`)),
  service_at_locations: [
    { id: 'sal', service: fullService('s0'), location: { id: 'l1', location_type: 'physical' } },
  ],
  taxonomies: [],
  taxonomy_terms: [
    { id: 't1', name: 'T', description: 'D', taxonomy_detail: { id: 'x', name: 'X', description: 'D' } },
  ],
}

interface Make {
  things?: Record<string, Thing[]>
  /** What a list says of a thing. */
  brief?: (thing: Thing) => Thing
  page?: (items: Thing[], number: number, size: number, all: Thing[]) => unknown
  ignoresPage?: boolean
  root?: Thing | null
}

const hsdsPage = (items: Thing[], number: number, size: number, all: Thing[]) => {
  const pages = Math.ceil(all.length / size)
  return {
    total_items: all.length,
    total_pages: pages,
    page_number: number,
    size: items.length,
    first_page: number === 1,
    last_page: number >= pages,
    empty: items.length === 0,
    contents: items,
  }
}

/** An API of a make: nothing out of the ordinary is HSDS 3.1 as it should be. */
function api({
  things = THINGS,
  brief,
  page = hsdsPage,
  ignoresPage,
  root: about = { version: '3.1' },
}: Make = {}): Answer {
  return (_request, response, url) => {
    const [list, id] = url.pathname.replace(/^\/hsds\/?/, '').split('/')
    const send = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (!list) return about ? send(about) : send({ error: 'no' }, 404)
    const all = things[list]
    if (!all) return send({ error: 'no such list' }, 404)
    const whole = all.find((thing) => thing.id === decodeURIComponent(id ?? ''))
    if (id) return whole ? send(whole) : send({}, 404)
    const size = Math.min(Number(url.searchParams.get('per_page') ?? 10), 100)
    const number = ignoresPage ? 1 : Number(url.searchParams.get('page') ?? 1)
    const items = all.slice((number - 1) * size, number * size).map(brief ?? ((thing) => thing))
    send(page(items, number, size, all))
  }
}

interface Feed {
  records: RawRecord[]
  flaws: Flaw[]
  rows: Record<string, number>
}

const options = (): LiveFeedOptions => ({
  allowPrivate: true,
  clock: clock.read,
  sleep: async (milliseconds) => {
    waits.push(milliseconds)
  },
})

async function read(more: Partial<LiveFeedOptions> = {}, address = root): Promise<Feed> {
  const feed: Feed = { records: [], flaws: [], rows: {} }
  for await (const item of readLiveFeed(address, { ...options(), ...more }) as AsyncIterable<FeedItem>) {
    if ('record' in item) feed.records.push(item.record)
    else if ('flaw' in item) feed.flaws.push(item.flaw)
    else feed.rows[item.rows.file.replace(/^.*\//, '')] = item.rows.rows
  }
  return feed
}

/** The refusal, after no record at all. */
async function refusal(more: Partial<LiveFeedOptions> = {}, address = root): Promise<Refusal> {
  let records = 0
  try {
    for await (const item of readLiveFeed(address, { ...options(), ...more })) if ('record' in item) records++
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    expect(records).toBe(0)
    return error as Refusal
  }
  throw new Error('was not refused')
}

const ROWS = { organizations: 2, services: 250, service_at_locations: 1, taxonomies: 0, taxonomy_terms: 1 }
const counts = ({ records }: Feed) => {
  const count: Record<string, number> = {}
  for (const { kind } of records) count[kind] = (count[kind] ?? 0) + 1
  return count
}
const COUNTS = {
  organization: 2,
  service: 250,
  service_at_location: 1,
  location: 1,
  phone: 250,
  taxonomy: 1,
  taxonomy_term: 1,
}

describe('makes of servers', () => {
  test('HSDS 3.1 as it should be: pages, everything nested, each record once', async () => {
    answer = api()
    const feed = await read()
    expect([feed.flaws, feed.rows, counts(feed)]).toEqual([[], ROWS, COUNTS])
    const pages = requests.filter((url) => url.startsWith('/hsds/services?'))
    expect(pages).toEqual([1, 2, 3].map((page) => `/hsds/services?full=true&page=${page}&per_page=100`))
    expect(feed.records.find(({ sourceId }) => sourceId === 's7')).toMatchObject({
      place: { file: `${root}/services`, line: 8 },
      links: { organization_id: 'o1' },
      row: true,
    })
    expect(feed.records.find(({ kind }) => kind === 'location')?.links).toEqual({ organization_id: 'o2' })
  })

  test('lists that are brief: every object is asked for on its own', async () => {
    answer = api({ brief: ({ id, name, status, description }) => ({ id, name, status, description }) })
    const feed = await read()
    expect([feed.rows, counts(feed)]).toEqual([ROWS, COUNTS])
    expect(requests.filter((url) => url.startsWith('/hsds/services/s')).length).toBeGreaterThanOrEqual(250)
  })

  test('Open Referral UK 1: content, totalPages, no root, fewer lists', async () => {
    const { services } = THINGS
    answer = api({
      things: { services: services! },
      root: null,
      brief: ({ id, name, status }) => ({ id, name, status }),
      page: (items, number, size, all) => ({
        totalElements: all.length,
        totalPages: Math.ceil(all.length / size),
        number,
        size: items.length,
        first: number === 1,
        last: number * size >= all.length,
        content: items,
      }),
    })
    const feed = await read()
    expect(counts(feed)).toEqual({ organization: 1, service: 250, phone: 250 })
    expect(feed.rows).toEqual({ services: 250 })
    expect(feed.flaws.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['kept', 'the API does not tell its version: read as HSDS 3.1'],
      ...['taxonomies', 'taxonomy_terms', 'organizations', 'service_at_locations'].map((list) => [
        'kept',
        `the API has no list ${list}`,
      ]),
    ])
  })

  test('a bare list is all there is', async () => {
    answer = api({ page: (_items, _number, _size, all) => all })
    const feed = await read()
    expect([feed.rows, counts(feed)]).toEqual([ROWS, COUNTS])
    expect(requests.filter((url) => url.startsWith('/hsds/services?'))).toHaveLength(1)
  })

  test('a server that can’t turn pages is not asked for ever', async () => {
    answer = api({ ignoresPage: true })
    const feed = await read()
    expect(feed.rows).toEqual({ ...ROWS, services: 100 })
    expect(feed.flaws.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^page 2 repeats an earlier one/),
      'the server announces 250 objects and gives 100',
    ])
    answer = api({ ignoresPage: true, page: (contents) => ({ contents }) })
    expect((await read()).rows).toEqual({ ...ROWS, services: 100 })
  })

  test('a server that counts nothing is read until a page is empty', async () => {
    answer = api({ page: (contents) => ({ contents }) })
    const feed = await read()
    expect([feed.flaws, feed.rows]).toEqual([[], ROWS])
  })

  test('an older version is told, a key in the address is sent and not told', async () => {
    answer = api({ root: { version: '2.0.1' } })
    const feed = await read({}, `${root}/?key=secret`)
    expect(feed.flaws).toMatchObject([
      { reason: 'the API is of version "2.0.1": read as HSDS 3.1', outcome: 'kept' },
    ])
    expect(requests.every((url) => url.includes('key=secret'))).toBe(true)
    expect(JSON.stringify(feed)).not.toContain('secret')
  })

  test('things that are no objects are refused and counted', async () => {
    answer = api({ things: { organizations: ['x' as unknown as Thing, organization('o1')] } })
    const feed = await read()
    expect([feed.rows, counts(feed)]).toEqual([{ organizations: 2 }, { organization: 1 }])
    expect(feed.flaws.filter(({ outcome }) => outcome === 'refused')).toMatchObject([{ place: { line: 1 } }])
  })

  test('progress', async () => {
    answer = api()
    const seen: LiveProgress[] = []
    await read({ onProgress: (progress) => seen.push(progress) })
    expect(seen.filter(({ collection }) => collection === 'services').at(-1)).toEqual({
      collection: 'services',
      done: 250,
      total: 250,
    })
    expect(seen).toHaveLength(254)
  })
})

describe('servers in trouble', () => {
  /** Fails the third page of services a number of times. */
  const failing = (times: number, fail: Answer): Answer => {
    let left = times
    const well = api()
    return (request, response, url) => {
      const isIt = url.pathname.endsWith('/services') && url.searchParams.get('page') === '3'
      if (isIt && left-- > 0) fail(request, response, url)
      else well(request, response, url)
    }
  }
  const status =
    (code: number, headers = {}): Answer =>
    (_, response) =>
      response.writeHead(code, headers).end()

  test('what fails for a while is asked again, each time later', async () => {
    answer = failing(3, status(503))
    expect((await read()).rows).toEqual(ROWS)
    expect(waits).toEqual([500, 1000, 2000])
  })

  test.each([
    ['seconds', '7', 7000],
    ['a date', 'Tue, 01 Dec 2026 08:00:05 GMT', 5000],
    ['more than is reasonable', '86400', 60_000],
    ['a date that is over', 'Tue, 01 Dec 2020 08:00:05 GMT', 0],
    ['nonsense', 'soon', 500],
  ])('Retry-After in %s', async (_, header, wait) => {
    answer = failing(1, status(429, { 'retry-after': header }))
    await read()
    expect(waits).toEqual([wait])
  })

  test.each<[string, Answer]>([
    ['500', status(500)],
    ['429', status(429)],
    ['a broken connection', (request) => request.socket.destroy()],
    ['no answer', () => {}],
    ['half an answer', (_, response) => response.writeHead(200, { 'content-length': '99' }).write('{')],
  ])('what fails for good is unavailable, after four attempts and no record: %s', async (_, fail) => {
    answer = failing(Number.POSITIVE_INFINITY, fail)
    expect((await refusal({ timeoutMs: 50 })).code).toBe('unavailable')
    expect(requests.filter((url) => url.includes('services?') && url.includes('page=3&'))).toHaveLength(4)
  })

  test('a key that is missing is not asked for again', async () => {
    answer = failing(9, status(401))
    expect(await refusal()).toMatchObject({ code: 'unavailable', message: expect.stringContaining('401') })
    expect(waits).toEqual([])
  })

  test.each([
    ['no JSON', '<html></html>'],
    ['no page', '{"hello":1}'],
    ['a name twice', '{"contents":[],"contents":[]}'],
    ['300 levels', `{"contents":${'['.repeat(300)}${']'.repeat(300)}}`],
    ['no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])],
  ])('a page that is none is invalid input: %s', async (_, body) => {
    answer = failing(1, (_request, response) => response.end(body))
    expect(await refusal()).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/url' }] })
  })

  test('a server without any list is no HSDS API', async () => {
    answer = status(404)
    expect(await refusal()).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/url' }] })
  })

  test('addresses of the private network are not asked', async () => {
    answer = api()
    expect(await refusal({ allowPrivate: false })).toMatchObject({ code: 'invalid_input' })
    expect(await refusal({}, 'hello')).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/url' }] })
    expect(requests).toEqual([])
  })

  test('somebody who gives up is not made to wait', async () => {
    const stop = new AbortController()
    answer = failing(9, () => stop.abort())
    expect((await refusal({ signal: stop.signal })).code).toBe('unavailable')
    expect(waits).toEqual([])
  })
})
