import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FeedItem, Flaw, RawRecord } from '../../../src/features/feeds/feed-item.ts'
import { type JsonFile, readJsonFeed } from '../../../src/features/feeds/json/json-feed.ts'
import { Refusal } from '../../../src/platform/errors.ts'

/** A file whose bytes come in chunks of `size`. */
function file(name: string, content: string | Uint8Array | object, size = 7): JsonFile {
  const bytes = Buffer.from(
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
  )
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return { name, chunks: Readable.from(chunks), form: name.endsWith('.ndjson') ? 'lines' : 'document' }
}

interface Feed {
  records: RawRecord[]
  flaws: Flaw[]
  rows: Record<string, number>
}

async function read(...files: JsonFile[]): Promise<Feed> {
  const feed: Feed = { records: [], flaws: [], rows: {} }
  for await (const item of readJsonFeed(files) as AsyncIterable<FeedItem>) {
    if ('record' in item) feed.records.push(item.record)
    else if ('flaw' in item) feed.flaws.push(item.flaw)
    else feed.rows[item.rows.file] = item.rows.rows
  }
  return feed
}

async function refusal(...files: JsonFile[]): Promise<Refusal> {
  const got: RawRecord[] = []
  try {
    for await (const item of readJsonFeed(files)) if ('record' in item) got.push(item.record)
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    expect(got, 'no record before the refusal').toEqual([])
    return error as Refusal
  }
  throw new Error('was not refused')
}

const service = (id: string, more: object = {}) => ({ id, name: `Service ${id}`, status: 'active', ...more })
const ids = ({ records }: Feed) => records.map(({ kind, sourceId }) => `${kind} ${sourceId}`)

describe('forms of a document', () => {
  test.each([
    ['one object', service('1'), 1],
    ['a list', [service('1')], 1],
    ['a page', { total_items: 1, contents: [service('1')], last_page: true }, 1],
    ['a page whose list comes last or first', { contents: [service('1')], total_pages: 1 }, 1],
    ['a page of Open Referral UK 1', { totalElements: 1, content: [service('1')] }, 1],
    ['the tables in one document', { 'services.csv': [service('1')] }, 1],
    ['lists named after kinds', { services: [service('1')] }, 1],
    ['an empty page', { total_items: 0, empty: true, contents: [] }, 0],
    ['an empty list', [], 0],
  ])('%s', async (_, document, count) => {
    const feed = await read(file('feed.json', document))
    expect(ids(feed)).toEqual(Array.from({ length: count }, () => 'service 1'))
    expect([feed.flaws, feed.rows]).toEqual([[], { 'feed.json': count }])
  })

  test('a table that HSDS does not have is refused row by row', async () => {
    const { flaws, rows } = await read(
      file('t.json', { 'services.csv': [service('1')], 'pets.csv': [{}, {}] }),
    )
    expect(rows).toEqual({ 't.json': 3 })
    expect(flaws.map(({ field, outcome }) => [field, outcome])).toEqual(
      Array.from({ length: 2 }, () => ['pets.csv', 'refused']),
    )
  })

  test('an object that could be of several kinds: the file’s name tells, then the object before', async () => {
    const plain = { id: '1', name: 'A', description: 'B' }
    expect((await read(file('feed.json', [plain]))).flaws).toMatchObject([{ outcome: 'refused' }])
    expect(ids(await read(file('taxonomies.json', [plain])))).toEqual(['taxonomy 1'])
    expect(ids(await read(file('data/organization_list.json', [plain])))).toEqual(['organization 1'])
    const rich = { ...plain, id: '0', website: 'https://example.org' }
    expect(ids(await read(file('feed.json', [rich, plain])))).toEqual(['organization 0', 'organization 1'])
    expect(ids(await read(file('organizations.json', [service('1')])))).toEqual(['service 1'])
  })

  test('what is no object is refused and counted', async () => {
    const { flaws, rows } = await read(file('feed.json', [1, null, [], 'x', service('1')]))
    expect([flaws.length, rows]).toEqual([4, { 'feed.json': 5 }])
    expect(flaws.every(({ outcome }) => outcome === 'refused')).toBe(true)
  })

  test('places name the line of NDJSON and the ordinal in a document: no two rows have the same', async () => {
    const lines = `${JSON.stringify(service('3'))}\n\n${JSON.stringify(service('4'))}`
    const feed = await read(file('feed.json', [service('1'), 7, service('2')]), file('b.ndjson', lines))
    expect(feed.records.map(({ place }) => [place.file, place.line])).toEqual([
      ['feed.json', 1],
      ['feed.json', 3],
      ['b.ndjson', 1],
      ['b.ndjson', 3],
    ])
    expect(feed.flaws).toMatchObject([{ place: { line: 2 } }])
  })

  test('long whole numbers keep their digits', async () => {
    const text = '[{"id": 12345678901234567890, "name": "A", "status": "active", "minimum_age": 12.5}]'
    for (const [name, content] of [
      ['a.json', text],
      ['a.ndjson', text.slice(1, -1)],
    ] as const) {
      const { records } = await read(file(name, content))
      expect(records).toMatchObject([{ sourceId: '12345678901234567890', fields: { minimum_age: 12.5 } }])
    }
  })

  test('names that mean something to JavaScript are names', async () => {
    const text =
      '{"id":"1","name":"A","status":"active","__proto__":{"polluted":1},"constructor":2,"phones":[{"id":"p","number":"1"}]}'
    const { records, flaws } = await read(file('a.json', text))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(records.map(({ kind }) => kind).sort()).toEqual(['phone', 'service'])
    expect(flaws.map(({ field }) => field).sort()).toEqual(['__proto__', 'constructor'])
  })
})

describe('documents that can’t be read: nothing of them is given on', () => {
  const good = JSON.stringify(service('1'))
  test.each([
    ['nothing', '', 1],
    ['white space', ' \n ', 2],
    ['no JSON', 'hello', 1],
    ['a number', '12', 1],
    ['HTML', '<html>', 1],
    ['an end that is missing', `[\n${good},\n`, 3],
    ['an end in a string', `[\n${good},\n{"id":"`, 3],
    ['a comma too much', `[\n${good},\n]`, 3],
    ['something behind the end', `[${good}]\n]`, 2],
    ['a name twice in one object', `[${good},\n{"id":"1","id":"2"}]`, 2],
    ['a name twice in the root', '{"id":"1",\n"id":"2"}', 2],
    ['a list twice in the root', '{"contents":[],\n"contents":[]}', 2],
    ['65 levels', `[${good},\n${'['.repeat(64)}`, 2],
    ['300 levels', `{"id":"1","phones":${'['.repeat(300)}${']'.repeat(300)}}`, 1],
    ['a line feed in a string', '[{"id":"1\n2"}]', 2],
    ['bytes that are not UTF-8 between values', Buffer.from([0x5b, 0xff, 0x5d]), 1],
    ['UTF-16', Buffer.from('\uFEFF[]', 'utf16le'), 1],
  ])('%s', async (_, content, line) => {
    const refused = await refusal(file('good.json', [service('0')]), file('bad.json', content))
    expect(refused.code).toBe('invalid_input')
    expect(refused.facts).toMatchObject({ file: 'bad.json', line })
    expect(refused.errors[0]?.message).toContain(`line ${line}`)
  })

  test('100,000 levels don’t blow the stack', async () => {
    const refused = await refusal(file('a.json', '['.repeat(100_000), 65_536))
    expect(refused.message).toMatch(/nested more than 64 deep/)
  })

  test('64 levels are read', async () => {
    const deep = `{"id":"1","name":"A","status":"active","x":${'['.repeat(63)}${']'.repeat(63)}}`
    expect(ids(await read(file('a.json', deep)))).toEqual(['service 1'])
  })

  test('an object of more than 32 Mi characters', async () => {
    const long = `[{"id":"1","name":"${'x'.repeat(32 * 1024 * 1024)}"}]`
    expect((await refusal(file('a.json', long, 1 << 20))).message).toMatch(/32 Mi/)
    const lines = `${long.slice(1, -1)}\n${JSON.stringify(service('2'))}`
    const feed = await read(file('a.ndjson', lines, 1 << 20))
    expect([ids(feed), feed.flaws.map(({ place }) => place.line)]).toEqual([['service 2'], [1]])
  })
})

describe('bytes', () => {
  test('a byte order mark, CRLF, and characters cut by chunks of any size', async () => {
    for (const size of [1, 2, 3, 4, 5, 1000]) {
      const name = '日間照顧 😀 \uFFFD'
      const text = `\uFEFF${JSON.stringify([service('1', { name })], null, 1).replaceAll('\n', '\r\n')}`
      const feed = await read(
        file('a.json', text, size),
        file('b.ndjson', `\uFEFF{"id":"2","name":"${name}","status":"x"}\r\n\r\n`, size),
      )
      expect(feed.records.map(({ fields }) => fields.name)).toEqual([name, name])
      expect([feed.flaws, feed.rows]).toEqual([[], { 'a.json': 1, 'b.ndjson': 1 }])
    }
  })

  test('an object with bytes that are not UTF-8 is refused, and the others are read', async () => {
    for (const size of [1, 3, 1000]) {
      const bad = Buffer.concat([
        Buffer.from('{"id":"1","name":"'),
        Buffer.from([0xa4, 0xe9]),
        Buffer.from('","status":"active"}'),
      ])
      const [good, comma] = [Buffer.from(JSON.stringify(service('2'))), Buffer.from(',\n')]
      const list = Buffer.concat([Buffer.from('[\n'), bad, comma, good, Buffer.from(']')])
      const inList = await read(file('a.json', list, size))
      expect([ids(inList), inList.flaws, inList.rows]).toMatchObject([
        ['service 2'],
        [{ place: { line: 1 }, reason: expect.stringContaining('line 2'), outcome: 'refused' }],
        { 'a.json': 2 },
      ])
      const inLines = await read(file('a.ndjson', Buffer.concat([good, Buffer.from('\n'), bad]), size))
      expect([ids(inLines), inLines.flaws]).toMatchObject([
        ['service 2'],
        [{ place: { line: 2 }, outcome: 'refused' }],
      ])
      expect((await read(file('one.json', bad, size))).flaws).toMatchObject([{ outcome: 'refused' }])
    }
  })
})

describe('NDJSON', () => {
  test('a broken line costs that line', async () => {
    const lines = [
      JSON.stringify(service('1')),
      '{"id":',
      '',
      '   ',
      `${'['.repeat(300)}${']'.repeat(300)}`,
      '{"id":"1","id":"2"}',
      '7',
      '{"what":"?"}',
      JSON.stringify(service('9')),
    ]
    const feed = await read(file('a.ndjson', lines.join('\n')))
    expect(ids(feed)).toEqual(['service 1', 'service 9'])
    expect(feed.flaws.map(({ place, outcome }) => [place.line, outcome])).toEqual(
      [2, 5, 6, 7, 8].map((line) => [line, 'refused']),
    )
    expect(feed.rows).toEqual({ 'a.ndjson': 7 })
  })
})

describe('one record of many sightings', () => {
  const phone = { id: 'p', number: '1' }

  test('links of all places, in one record, parents first', async () => {
    const feed = await read(
      file('a.json', [
        service('s', {
          phones: [phone],
          organization: { id: 'o', name: 'O', description: 'D', phones: [phone] },
        }),
      ]),
    )
    expect(ids(feed)).toEqual(['organization o', 'service s', 'phone p'])
    expect(feed.records[2]?.links).toEqual({ service_id: 's', organization_id: 'o' })
    expect(feed.flaws).toEqual([])
  })

  test('copies that differ: that of the top level counts, and the flaw shows the other', async () => {
    const nested = { id: 'o', name: 'Old name', description: 'D', website: 'https://example.org' }
    const feed = await read(
      file('services.json', [service('s', { organization: nested })]),
      file('organizations.json', [{ id: 'o', name: 'New name', description: 'D', email: 'a@example.org' }]),
    )
    expect(feed.records.find(({ kind }) => kind === 'organization')).toMatchObject({
      fields: { name: 'New name', description: 'D', website: 'https://example.org', email: 'a@example.org' },
      row: true,
    })
    expect(feed.flaws).toMatchObject([
      { field: 'name', value: 'Old name', outcome: 'kept', place: { file: 'services.json' } },
    ])
  })

  test('one link can’t lead to two owners: told, the first is kept', async () => {
    const feed = await read(
      file('a.json', [service('1', { phones: [phone] }), service('2', { phones: [phone] })]),
    )
    expect(feed.records.at(-1)?.links).toEqual({ service_id: '1' })
    expect(feed.flaws).toMatchObject([
      { field: 'service_id', value: '2', outcome: 'kept', place: { line: 2 } },
    ])
  })

  test('a row that stands in the feed twice is listed: rows = records + refused', async () => {
    const feed = await read(file('a.json', [service('1'), service('2'), service('1')]))
    expect(ids(feed)).toEqual(['service 1', 'service 2'])
    expect([feed.rows, feed.flaws]).toMatchObject([
      { 'a.json': 3 },
      [{ field: 'id', value: '1', outcome: 'refused' }],
    ])
  })
})

test('every row of any list is a record or refused, and reading it twice says the same', async () => {
  const value = fc.oneof(
    fc.record({
      id: fc.constantFrom('1', '2', '3', null, ''),
      name: fc.string(),
      status: fc.constant('active'),
    }),
    fc.record({
      id: fc.constantFrom('1', '2'),
      location_type: fc.constant('physical'),
      phones: fc.array(fc.record({ number: fc.string() })),
    }),
    fc.jsonValue({ maxDepth: 3 }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      async (rows, size) => {
        const feed = await read(file('a.json', rows, size))
        const refused = feed.flaws.filter(({ outcome }) => outcome === 'refused').length
        expect(feed.records.filter(({ row }) => row).length + refused).toBe(rows.length)
        expect(feed.rows).toEqual({ 'a.json': rows.length })
        const places = [
          ...feed.records.filter(({ row }) => row),
          ...feed.flaws.filter((flaw) => flaw.outcome === 'refused'),
        ]
        expect(new Set(places.map(({ place }) => place.line)).size).toBe(rows.length)
        const lines = await read(file('b.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'), size))
        expect(lines.records.map(({ place: _, ...rest }) => rest)).toEqual(
          feed.records.map(({ place: _, ...rest }) => rest),
        )
      },
    ),
  )
})
