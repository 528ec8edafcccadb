/** The 35 lists of the real city through the column map that comes with the project. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cleanRecord } from '../../../src/features/feeds/checks/clean-record.ts'
import { parseColumnMap } from '../../../src/features/feeds/columns/column-map.ts'
import { readColumnMap } from '../../../src/features/feeds/columns/column-map-reader.ts'
import { taipeiAddressKey } from '../../../src/features/feeds/columns/taipei/address-key.ts'
import { openFeedFiles } from '../../../src/features/feeds/tabular/feed-files.ts'
import { type Reading, readAll, unaccounted } from './reading.ts'

const DIR = resolve(import.meta.dirname, '../../../../shared/data/taipei-ltc')
const absent = !existsSync(DIR)
if (absent) console.warn('skipped: the real city needs ../shared/data/taipei-ltc beside the checkout')

const map = parseColumnMap(
  readFileSync(resolve(import.meta.dirname, '../../../src/features/feeds/maps/taipei-ltc.yaml'), 'utf8'),
)
const C_292 = 'csv/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv'
const C_291 = 'csv/台北市政府社會局/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv'

async function read(only: RegExp): Promise<Reading> {
  const files = (await openFeedFiles(DIR)).filter(({ name }) => only.test(name))
  return readAll(readColumnMap(files, map))
}

test('spellings of one address have one key', () => {
  const keys = [
    '臺北市文山區萬美里萬美街1段19巷5號、5-1號',
    '116台北市文山區 萬美里3鄰萬美街一段十九巷５號5之1號',
    '文山區萬美街1段19巷5號5-1號',
  ].map(taipeiAddressKey)
  expect(new Set(keys)).toEqual(new Set(['臺北市文山區萬美街1段19巷5號5-1號']))
  expect(taipeiAddressKey(' ')).toBe('')
  expect(taipeiAddressKey('新北市板橋區東門街32號3樓')).toBe('新北市板橋區東門街32號3樓')
})

describe.skipIf(absent)('the whole city', () => {
  let city: Reading
  beforeAll(async () => {
    city = await read(/\.csv$/)
  }, 60_000)

  test('35 files, 7,953 rows, each of them a service', () => {
    expect(city.rows.size).toBe(35)
    expect([...city.rows.values()].reduce((sum, count) => sum + count)).toBe(7953)
    expect(unaccounted(city)).toEqual([])
    expect(city.records.filter(({ row }) => row)).toHaveLength(7953)
    expect(city.of('service').every(({ row }) => row)).toBe(true)
    expect(new Set(city.of('service').map(({ fields }) => fields.term)).size).toBe(29)
  })

  test('every record fits the standard, and nothing needs a stand-in', () => {
    expect(city.records.flatMap((record) => cleanRecord(record).flaws)).toEqual([])
  })

  test('every link leads to a record', () => {
    const ids = new Set(city.records.map(({ kind, sourceId }) => `${kind} ${sourceId}`))
    const lost = city.records.flatMap(({ links }) =>
      Object.entries(links).filter(([name, id]) => {
        const kind = name === 'link_id' ? 'service' : name.replace(/_id$/, '')
        return !ids.has(`${kind} ${id}`)
      }),
    )
    expect(lost).toEqual([])
  })

  test('206 addresses of both lists are one location each, with two services', () => {
    const placesIn = (term: string) =>
      new Set(
        city
          .of('service_at_location')
          .filter(({ sourceId }) => sourceId.startsWith(`${term}: `))
          .map(({ links }) => links.location_id!),
      )
    const [stations, points] = [placesIn('c_station'), placesIn('care_point')]
    const care = [...city.rows.keys()].find((name) => name.includes('社區照顧關懷據點㇐覽表'))!
    const written = (file: string) =>
      new Set(
        readFileSync(join(DIR, file), 'utf8')
          .split('\n')
          .slice(1)
          .flatMap((line) => /臺北市[^,]*/.exec(line.split(',').slice(4).join(','))?.[0].trim() ?? []),
      )
    const [older, newer] = [written(C_291), written(care)]
    const both = [...newer].filter((address) => older.has(address))
    expect(both).toHaveLength(206)
    const keys = new Set(both.map(taipeiAddressKey))
    for (const key of keys) expect([stations.has(key), points.has(key)], key).toEqual([true, true])
    const whole = city.of('location').filter(({ sourceId, fields }) => keys.has(sourceId) && fields.name)
    expect(whole).toHaveLength(keys.size)
  })

  test('10 unusable coordinates are flagged and in no record', () => {
    const flagged = city.flaws.filter(({ reason }) => /^(no coordinates|coordinates outside)/.test(reason))
    expect(flagged.filter(({ value }) => value === undefined)).toHaveLength(8)
    expect(
      flagged
        .map(({ value }) => value)
        .filter(Boolean)
        .sort(),
    ).toEqual(['24.7262082, 121.0833981', '24.9544899, 121.3552368'])
    for (const { fields } of city.of('location')) {
      if (fields.latitude === undefined) continue
      expect(Number(fields.latitude) > 24.9 && Number(fields.latitude) < 25.3).toBe(true)
      expect(Number(fields.longitude) > 121.4 && Number(fields.longitude) < 121.7).toBe(true)
    }
    const placed = new Set(
      city
        .of('location')
        .filter(({ fields }) => fields.latitude)
        .map(({ sourceId }) => sourceId),
    )
    const unplaced = new Set(
      city
        .of('location')
        .map(({ sourceId }) => sourceId)
        .filter((id) => !placed.has(id)),
    )
    expect(unplaced.size).toBe(5)
  })

  test('lists that place an address elsewhere are told, and the first one holds', () => {
    const moved = city.flaws.filter(({ reason }) => reason.includes('m away'))
    expect(moved).toHaveLength(114)
    expect(moved.every(({ outcome }) => outcome === 'kept')).toBe(true)
  })

  test('nested village lists become service areas of the center', () => {
    const first = city
      .of('service')
      .find(({ fields }) => /仁愛院區/.test(String(fields.name)) && fields.term === 'integrated_center')!
    const areas = city
      .of('service_area')
      .filter(({ links }) => links.service_at_location_id === first.sourceId)
    expect(areas).toHaveLength(14)
    expect(areas[0]!.fields).toEqual({ name: '臺北市大安區臥龍里' })
    const centers = new Set(
      city
        .of('service')
        .filter(({ fields }) => fields.term === 'integrated_center')
        .map(({ sourceId }) => sourceId),
    )
    expect(centers.size).toBe(63)
    const served = new Set(city.of('service_area').map(({ links }) => links.service_at_location_id))
    expect([...centers].filter((id) => !served.has(id))).toEqual([])
  })

  test('the tab-separated file states prices', () => {
    const priced = city.of('service_at_location').filter(({ fields }) => fields.price !== undefined)
    expect(priced.map(({ fields }) => [fields.price, fields.price_type, fields.currency])).toEqual([
      [3_000_000, 'per_unit', 'TWD'],
      [2_570_000, 'per_unit', 'TWD'],
      [3_000_000, 'per_unit', 'TWD'],
    ])
  })

  test('224 closed pharmacies are listed as defunct', () => {
    expect(city.of('service').filter(({ fields }) => fields.status === 'defunct')).toHaveLength(224)
  })

  test('areas have codes where the reader of the map knows them', async () => {
    const files = (await openFeedFiles(DIR)).filter(({ name }) => name.includes('A單位'))
    const areas = { 臺北市大安區臥龍里: '63000030-001' }
    const reading = await readAll(readColumnMap(files, { ...map, tables: { ...map.tables, areas } }))
    const coded = reading.of('service_area').filter(({ fields }) => fields.extent !== undefined)
    expect(coded[0]!.fields).toEqual({
      name: '臺北市大安區臥龍里',
      extent: '63000030-001',
      extent_type: 'lifecircle:area',
    })
  })
})

describe.skipIf(absent)('a new edition of a list', () => {
  test('the C-level list of 291 and the one of 292: one service is new, none is lost', async () => {
    const all = await read(/C級單位/)
    const ids = (file: string) =>
      new Set(
        all
          .of('service')
          .filter(({ place }) => place.file === file)
          .map(({ sourceId }) => sourceId),
      )
    const [older, newer] = [ids(C_291), ids(C_292)]
    expect([older.size, newer.size]).toEqual([291, 292])
    expect([...newer].filter((id) => !older.has(id))).toEqual([
      'c_station: 臺北市萬華區壽德里辦公處, 臺北市萬華區長泰街45號47號1樓',
    ])
    expect([...older].filter((id) => !newer.has(id))).toEqual([])
  })
})
