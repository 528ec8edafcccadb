import { describe, expect, test } from 'vitest'
import { parseColumnMap } from '../../../src/features/feeds/columns/column-map.ts'
import { readColumnMap } from '../../../src/features/feeds/columns/column-map-reader.ts'
import { evaluated } from '../../../src/features/feeds/columns/column-map-values.ts'
import { fileMatcher } from '../../../src/features/feeds/columns/file-matcher.ts'
import { fileOf, readAll, unaccounted } from './reading.ts'

const MAP = `
format: lifecircle-column-map/1
name: clubs
box: { south: 50, north: 52, west: 4, east: 6 }
tables: { sectors: { public: government, private: market } }
values:
  key: { from: '{address}', normalize: words }
sets:
  club:
    - { kind: organization, id: '{owner}', shared: true, fields: { name: '{owner}', description: '{owner}', sector: '{sector}' } }
    - kind: location
      id: '{key}'
      shared: true
      fields: { location_type: physical, latitude: { from: '{latitude}', number: true }, longitude: { from: '{longitude}', number: true } }
    - { kind: service, id: '{club}, {key}', row: true, fields: { name: '{club}', status: active, category: cultural }, links: { organization_id: organization } }
    - kind: service_at_location
      id: '{club}, {key}'
      fields:
        price: { from: '{fee}', extract: '([\\d.,]+) EUR', number: { times: 100 } }
        price_type: { from: '{fee}', extract: 'free|EUR', lookup: prices, else: sliding }
      links: { service_id: service, location_id: location }
    - { kind: language, id: '{club}, {key}, {item}', each: { from: '{languages}' }, fields: { name: '{item}' }, links: { service_id: service } }
files:
  - match: 'lists/*.csv'
    values: { owner: '{Run by}', club: '{Club}', address: '{Street} {No}', fee: '{Fee}', languages: '{Languages}', sector: { from: '{Kind}', lookup: sectors } }
    refuse: [ { value: '{Club}', matches: '^$', reason: 'the club has no name' } ]
    flag: [ { value: '{Fee}', matches: about, reason: 'a rough fee' } ]
    point: { latitude: '{lat}', longitude: '{lon}' }
    ignore: [Nr]
    make: [club]
`.replace('tables: {', 'tables: { prices: { free: free, EUR: per_unit },')

const CSV = `Nr,Club,Run by,Kind,Street,No,Fee,Languages,lat,lon,Mood
1,Chess,City,public,Main St.,1,free,"Dutch, French",51,5,good
2,Dance,City,public,main st,1,about 12.50 EUR,,51.1,5,good
3,,City,public,Oak,2,free,,51,5,bad
4,Song,Choir Ltd,private,Oak,2,ask,,0,0,bad
5,Tea,Choir Ltd,private,Oak,2,"1,000 EUR",,51.5,5.5,
`

describe('rows through a map', () => {
  const read = (files: Record<string, string>) =>
    readAll(
      readColumnMap(
        Object.entries(files).map(([name, text]) => fileOf(name, text)),
        parseColumnMap(MAP),
      ),
    )

  test('make records with links between them; shared ones are told once', async () => {
    const reading = await read({ 'lists/a.csv': CSV })
    expect(unaccounted(reading)).toEqual([])
    expect(reading.of('organization').map(({ fields }) => [fields.name, fields.sector])).toEqual([
      ['City', 'government'],
      ['Choir Ltd', 'market'],
    ])
    expect(reading.of('service')[1]).toEqual({
      kind: 'service',
      sourceId: 'Dance, main st 1',
      fields: { name: 'Dance', status: 'active', category: 'cultural' },
      links: { organization_id: 'City' },
      place: { file: 'lists/a.csv', line: 3 },
      row: true,
    })
    expect(reading.of('service_at_location').map(({ fields, links }) => [links.location_id, fields])).toEqual(
      [
        ['main st 1', { price_type: 'free' }],
        ['main st 1', { price_type: 'per_unit', price: 1250 }],
        ['oak 2', { price_type: 'sliding' }],
        ['oak 2', { price_type: 'per_unit', price: 100_000 }],
      ],
    )
    expect(reading.of('language').map(({ fields }) => fields.name)).toEqual(['Dutch', 'French'])
  })

  test('what is odd is told; a later row fills what an earlier one left blank', async () => {
    const reading = await read({ 'lists/a.csv': CSV, 'other.csv': 'x\n1\n' })
    expect(reading.of('location').map(({ sourceId, fields }) => [sourceId, fields.latitude])).toEqual([
      ['main st 1', 51],
      ['oak 2', undefined],
      ['oak 2', 51.5],
    ])
    expect(
      reading.flaws.map(({ place, field, outcome, value }) => [place.line, field, outcome, value]),
    ).toEqual([
      [1, 'Mood', 'kept', undefined],
      [3, 'Fee', 'kept', 'about 12.50 EUR'],
      [3, 'latitude', 'kept', '51.1, 5'],
      [4, 'Club', 'refused', undefined],
      [5, 'latitude', 'kept', '0, 0'],
      [1, null, 'kept', undefined],
    ])
    expect(reading.flaws[2]!.reason).toMatch(/11\d\d\d m away, which holds/)
  })

  test('a column that is not there is told once, and the rows are still accounted for', async () => {
    const reading = await read({
      'lists/a.csv': 'Club,Street,No,lat,lon\nChess,Main,1,51,5\nTea,Oak,2,51,5\n',
    })
    expect(reading.flaws.map(({ field }) => field)).toEqual(['Run by', 'Fee', 'Languages', 'Kind'])
    // Without an organization the service will be refused, and brings no location with it.
    expect(reading.records.map(({ kind }) => kind)).toEqual(['service', 'service'])
    expect(unaccounted(reading)).toEqual([])
  })
})

describe('a map that does not fit says where', () => {
  test.each([
    ['make: [club]', 'make: [clubs]', /files\.0\.make: there is no set clubs/],
    ['kind: language', 'kind: tongue', /sets\.club\.4\.kind/],
    ['status: active', 'state: active', /sets\.club\.2\.fields\.state: is no field of a service/],
    ['organization_id: organization', 'owner_id: organization', /is no link of a service/],
    ['row: true, ', '', /no record stands for the row/],
    ["matches: '^$'", "matches: '('", /is no regular expression/],
    ['matches: about', 'matches: about, not: x', /either matches or not/],
    ['normalize: words', 'normalize: wrods', /values\.key/],
    ['lifecircle-column-map/1', 'lifecircle-column-map/2', /format/],
    ['files:', 'files: [', /neither YAML nor JSON/],
  ])('%s → %s', (from, to, message) => {
    expect(MAP).toContain(from)
    expect(() => parseColumnMap(MAP.replace(from, to))).toThrow(message)
  })

  test('JSON is a part of YAML', () => {
    const map = parseColumnMap(MAP)
    expect(parseColumnMap(JSON.stringify(map))).toEqual(map)
  })
})

test.each([
  ['{a}-{b}', 'x-'],
  ['{b}{c}', undefined],
  ['constant', 'constant'],
  [{ first: ['{b}', { from: '{a}', instead: 'found' }] }, 'found'],
  [{ from: '{n}', number: true }, 1234.5],
  [{ from: '{a}', number: true }, 'x'],
  [{ from: '{n}', extract: '^(?:(a)|\\d,(\\d+))' }, '234'],
  [{ from: '{a}', lookup: 't' }, 'X'],
  [{ from: '{n}', lookup: 't', else: 'none' }, 'none'],
  [{ from: '{a}', when: { value: '{b}', matches: '.' } }, undefined],
  [{ from: '{a}', when: [{ value: '{b}', not: '.' }] }, 'x'],
  [{ json: { all: [] } }, { all: [] }],
  [7, 7],
])('the expression %j', (expression, value) => {
  const scope = { values: { a: 'x', b: ' ', c: undefined, n: '1,234.5' }, tables: { t: { x: 'X' } } }
  expect(evaluated(expression, scope)).toEqual(value)
})

test('patterns of file names', () => {
  const matches = fileMatcher(['a/*(C+)?.csv', '**/é.csv'])
  expect(['a/x(C+)1.csv', 'é.csv', 'b/c/e\u0301.csv'].map(matches)).toEqual([true, true, true])
  expect(['a/b/x(C+)1.csv', 'a/xCC1.csv', 'x(C+)1.csv'].map(matches)).toEqual([false, false, false])
})
