/** The traps and the baseline figures of the real city's files, with their exact numbers. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { District, DistrictOffering, FileReport, Station } from '../../../../src/cli/demo/district.ts'
import { readTaipei } from '../../../../src/cli/demo/taipei/read-taipei.ts'
import { readTable, type TableRow } from '../../../../src/cli/demo/taipei/table.ts'
import { straightMeters } from '../../../../src/features/communities/reach.ts'
import { plain } from '../../../../src/features/feeds/columns/taipei/address.ts'
import { sourceNamed } from './fixture.ts'

const DIR = resolve(import.meta.dirname, '../../../../../shared/data/taipei-ltc')
const absent = !existsSync(DIR)
if (absent) console.warn('skipped: the real city needs ../shared/data/taipei-ltc beside the checkout')

const C_292 = 'csv/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv'
const C_291 = 'csv/台北市政府社會局/114年臺北市社區整體照顧服務體系C級單位一覽表_coord.csv'
const CARE_POINTS = sourceNamed('社區照顧關懷據點㇐覽表').file

function rowsOf(file: string): TableRow[] {
  return readTable(readFileSync(join(DIR, file), 'utf8')).rows
}

describe.skipIf(absent)('the whole city', () => {
  let city: District
  let byTerm: Map<string, DistrictOffering[]>

  beforeAll(() => {
    city = readTaipei(DIR)
    byTerm = new Map()
    for (const offering of city.offerings) {
      byTerm.set(offering.term, [...(byTerm.get(offering.term) ?? []), offering])
    }
  })

  const report = (part: string): FileReport => city.files.find(({ file }) => file.includes(part))!
  const kept = (pattern: RegExp) =>
    city.quarantine.filter(({ reason, outcome }) => outcome === 'kept' && pattern.test(reason))

  test('456 villages in 12 districts with 574,458 residents aged 65 and over', () => {
    expect(city.villages).toHaveLength(456)
    expect(new Set(city.villages.map((village) => village.district)).size).toBe(12)
    const elderly = city.villages.map((village) => village.population.age65up)
    expect(elderly.reduce((sum, count) => sum + count)).toBe(574_458)
    for (const { elderlyByBand, population } of city.villages) {
      expect(elderlyByBand.reduce((sum, count) => sum + count)).toBe(population.age65up)
    }
    const medians = city.villages.map((village) => village.income.median).sort((a, b) => a - b)
    expect([medians[0], medians[228], medians[455]]).toEqual([360, 568, 1038])
  })

  test('the one village name with a lost character is joined and listed', () => {
    expect(kept(/unreadable/)).toMatchObject([{ field: 'VILLAGE', line: 202 }])
    expect(city.villages.filter((village) => village.name === '糖廍里')).toHaveLength(1)
  })

  test('every row of every file is counted once, and every refusal listed', () => {
    expect(city.files).toHaveLength(38)
    for (const file of city.files) {
      expect(file.imported + file.merged + file.refused + file.outOfScope, file.file).toBe(file.rows)
      expect(file.outOfScope).toBe(0)
      const refused = city.quarantine.filter(
        (entry) => entry.file === file.file && entry.outcome === 'refused',
      )
      expect(refused, file.file).toHaveLength(file.refused)
    }
    const lists = city.files.filter(({ file }) => file.startsWith('csv/'))
    expect(lists.reduce((sum, { rows }) => sum + rows, 0)).toBe(7953)
  })

  test('the newer C-level list has one station more: 1 created, 0 lost', () => {
    expect(report(C_292)).toMatchObject({ rows: 292, imported: 292 })
    expect(report(C_291)).toMatchObject({ rows: 291, imported: 0, merged: 291 })
    expect(byTerm.get('prevention')).toHaveLength(292)
    const numbers = new Set(rowsOf(C_291).map(({ values }) => values.編號))
    const added = rowsOf(C_292).filter(({ values }) => !numbers.has(values.編號))
    expect(added.map(({ values }) => values.據點名稱)).toEqual(['臺北市萬華區壽德里辦公處'])
  })

  test('206 addresses stand in both lists letter by letter: each is one station with both services', () => {
    const written = (file: string) => new Set(rowsOf(file).map(({ values }) => values.據點地址!.trim()))
    const [older, care] = [written(C_291), written(CARE_POINTS)]
    const both = [...care].filter((address) => older.has(address))
    expect(both).toHaveLength(206)
    const stationsOf = (terms: string[]) =>
      new Set(terms.flatMap((term) => byTerm.get(term)!.map((offering) => offering.stationRef)))
    const [active, caring] = [stationsOf(['prevention']), stationsOf(['social_activity', 'learning_class'])]
    const spelled = (address: string) =>
      plain(address)
        .replace(/\(.*?\)/g, '')
        .replace(/[、.]/g, '')
    const byAddress = new Map<string, Station[]>()
    for (const station of city.stations) {
      const key = spelled(station.address)
      byAddress.set(key, [...(byAddress.get(key) ?? []), station])
    }
    for (const address of both) {
      const found = byAddress.get(spelled(address)) ?? []
      expect(found, address).toHaveLength(1)
      expect(active.has(found[0]!.ref) && caring.has(found[0]!.ref), address).toBe(true)
    }
    // Spelled alike, 53 more stations turn out to be shared (of 289 with C-level services).
    expect(active.size).toBe(289)
    expect([...active].filter((ref) => caring.has(ref))).toHaveLength(259)
    const addresses = city.stations.map((station) => station.address).filter(Boolean)
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  test('10 rows without a usable point are kept and flagged', () => {
    expect(kept(/^no coordinates/)).toHaveLength(8)
    expect(kept(/^coordinates .* outside the city/).map(({ reason }) => reason.slice(12, 34))).toEqual([
      '24.7262082,121.0833981',
      '24.9544899,121.3552368',
    ])
    // Six of them stand in another list with a point.
    expect(city.stations.filter((station) => station.point === null)).toHaveLength(4)
    expect(kept(/slot without a unit/)).toHaveLength(2)
  })

  test('nested village lists become service areas', () => {
    const centers = byTerm.get('case_management')!
    expect(centers).toHaveLength(63)
    expect(centers.every((center) => center.serviceVillages.length > 0)).toBe(true)
    const codes = new Set(city.villages.map((village) => village.code))
    expect(centers.flatMap((center) => center.serviceVillages).every((code) => codes.has(code))).toBe(true)
    const first = centers.find((center) => center.name.includes('仁愛院區'))!
    expect(first.serviceVillages).toHaveLength(14)
    expect(first.serviceDistricts).toEqual(['大安區'])
    const covered = new Set(centers.flatMap((center) => center.serviceVillages))
    expect(city.villages.filter((village) => !covered.has(village.code)).map(({ name }) => name)).toEqual([])
    expect(kept(/no such village/).map(({ reason }) => reason.split(': ')[1])).toEqual([
      '凌雲里',
      '慶安里 (read as 廈安里)',
    ])
  })

  test('files hold other counts than their names promise', () => {
    expect(report('_66_').rows).toBe(41)
    expect(report('_142_').rows).toBe(129)
  })

  test('subsets, tabs and quoted headers', () => {
    for (const [part, rows] of [
      ['_安養', 4],
      ['_長照.csv', 6],
      ['_養護', 91],
    ] as const) {
      expect(report(part)).toMatchObject({ rows, imported: 0, merged: rows })
    }
    expect(report('公辦民營')).toMatchObject({ rows: 3, merged: 3 })
    const priced = city.offerings.filter((offering) => offering.origin.price === 'published')
    expect(priced.map((offering) => offering.price).sort()).toEqual([2_570_000, 3_000_000, 3_000_000])
    expect(report('據點清單名冊').rows).toBe(457)
  })

  test('published capacities: beds and places', () => {
    const homes = byTerm.get('residential_care')!
    const files = [report('臺北市老人福利機構名冊1140201_coord.csv'), report('住宿式長照機構')]
    expect(files.map((file) => file.imported)).toEqual([94, 11])
    const beds = homes.filter((home) => home.origin.capacity === 'published')
    expect(beds).toHaveLength(105)
    // 5,192 beds of the homes for older people and 727 of the residential institutions.
    expect(beds.reduce((sum, home) => sum + home.capacity, 0)).toBe(5192 + 727)
    const places = byTerm.get('day_care')!.filter((offering) => offering.origin.capacity === 'published')
    expect(places).toHaveLength(14)
    expect(places.reduce((sum, offering) => sum + offering.capacity, 0)).toBe(445 * 22)
  })

  test('224 pharmacies have closed; 5 with a passed date are still open', () => {
    expect(report('藥局')).toMatchObject({ rows: 1084, refused: 224 })
    expect(kept(/contract date has passed/)).toHaveLength(5)
  })

  test('references are unique and every reference resolves', () => {
    const refs = city.offerings.map((offering) => offering.ref)
    expect(new Set(refs).size).toBe(refs.length)
    const stations = new Set(city.stations.map((station) => station.ref))
    const providers = new Set(city.providers.map((provider) => provider.ref))
    expect(city.offerings.every(({ stationRef }) => stations.has(stationRef))).toBe(true)
    expect(city.offerings.every(({ providerRef }) => providers.has(providerRef))).toBe(true)
    expect(stations.size).toBe(city.stations.length)
  })

  test.each([
    [C_291, [79.6, 90.7, 95.9]],
    [CARE_POINTS, [89.4, 94.6, 97.8]],
    [sourceNamed('A單位').file, [37.0, 59.9, 78.1]],
    [sourceNamed('失智').file, [30.5, 50.3, 70.8]],
    [sourceNamed('臺北市日間照顧').file, [8.1, 16.5, 30.3]],
    [sourceNamed('診所').file, [91.3, 93.5, 96.7]],
    [sourceNamed('藥局').file, [87.1, 91.1, 95.3]],
  ])('residents aged 65 and over within 500, 720 and 1000 m: %s', (file, shares) => {
    const points = rowsOf(file)
      .map(({ values }) => ({ latitude: Number(values.lat), longitude: Number(values.lon) }))
      .filter(({ latitude }) => latitude > 24.9)
    const meters = [500, 720, 1000]
    const reached = meters.map(() => 0)
    for (const village of city.villages) {
      let nearest = Number.POSITIVE_INFINITY
      for (const point of points) {
        // Nothing farther north or south than a kilometer counts: spares most of two million distances.
        if (Math.abs(point.latitude - village.latitude) > 0.0095) continue
        nearest = Math.min(nearest, straightMeters(point, village))
      }
      for (const [index, limit] of meters.entries()) {
        if (nearest <= limit) reached[index]! += village.population.age65up
      }
    }
    for (const [index, share] of shares.entries()) {
      expect(Math.abs((100 * reached[index]!) / 574_458 - share)).toBeLessThanOrEqual(0.1)
    }
  })
})

describe.skipIf(absent)('one district', () => {
  test('大安區: its villages and stations, and home services that come from outside', () => {
    const district = readTaipei(DIR, { district: '大安' })
    expect(district.key).toBe('taipei-ltc:大安區')
    expect(district.villages).toHaveLength(53)
    expect(district.villages.every((village) => village.district === '大安區')).toBe(true)
    const inside = new Set(district.villages.map((village) => village.code))
    const stations = new Map(district.stations.map((station) => [station.ref, station]))
    for (const offering of district.offerings) {
      const code = stations.get(offering.stationRef)!.villageCode
      if (offering.mode === 'onsite') expect(code === null || inside.has(code)).toBe(true)
      else if (code === null) expect(offering.serviceDistricts).toContain('大安區')
    }
    for (const file of district.files) {
      expect(file.imported + file.merged + file.refused + file.outOfScope, file.file).toBe(file.rows)
    }
    expect(district.files.find(({ file }) => file === C_292)).toMatchObject({ imported: 36, outOfScope: 256 })
  })

  test('the same files give the same bits', () => {
    expect(readTaipei(DIR, { district: '南港區' })).toEqual(readTaipei(DIR, { district: '南港' }))
  })

  test('an unknown one names the twelve', () => {
    expect(() => readTaipei(DIR, { district: '板橋區' })).toThrow(/板橋區 .*大安區.*北投區|板橋區/)
  })
})
