import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readTaipei } from '../../../../src/cli/demo/taipei/read-taipei.ts'
import { VILLAGE_FILES } from '../../../../src/cli/demo/taipei/villages.ts'
import { buildFixture, columnsOf, type Fixture, sourceNamed } from './fixture.ts'

const dayCare = sourceNamed('臺北市日間照顧機構一覽表')
const stations = sourceNamed('csv/114年臺北市社區整體照顧服務體系C級')
const pharmacies = sourceNamed('藥局')
const homeCare = sourceNamed('居家服務機構')

let city: Fixture

beforeEach(() => {
  city = buildFixture()
})

afterEach(() => city.remove())

const good = (name: string, places = '20'): Record<string, string> => ({
  機關名稱: name,
  區別: '大安',
  地址: `和平東路${name.length}號`,
  收託量: places,
  lat: '25.025',
  lon: '121.555',
})

function reportOf(file: string, scope = {}) {
  const city_ = readTaipei(city.dir, scope)
  const report = city_.files.find((entry) => entry.file === file)!
  expect(report.imported + report.merged + report.refused + report.outOfScope).toBe(report.rows)
  return { district: city_, report, entries: city_.quarantine.filter((entry) => entry.file === file) }
}

describe('a broken row costs that row and nothing else', () => {
  test('a capacity that is not a number', () => {
    city.rows(dayCare, [good('甲中心'), good('乙日照中心', '約二十'), good('丙日間照顧中心')])
    const { district, report, entries } = reportOf(dayCare.file)
    expect(report).toMatchObject({ rows: 3, imported: 2, refused: 1 })
    expect(entries).toEqual([
      {
        file: dayCare.file,
        line: 3,
        field: '收託量',
        reason: '"約二十" is not a number of places',
        outcome: 'refused',
      },
    ])
    expect(district.offerings.map((offering) => offering.capacity)).toEqual([440, 440])
    expect(district.offerings[0]!.origin.capacity).toBe('published')
  })

  test('too few and too many cells', () => {
    const columns = columnsOf(dayCare)
    const sound = columns.map((column) => good('甲中心')[column] ?? '').join(',')
    city.raw(dayCare.file, `${columns.join(',')}\n乙,大安\n${sound},x\n${sound}\n`)
    const { report, entries } = reportOf(dayCare.file)
    expect(report).toMatchObject({ rows: 3, imported: 1, refused: 2 })
    expect(entries.map(({ line, reason }) => [line, reason])).toEqual([
      [2, `the row has 2 cells where the header has ${columns.length}`],
      [3, `the row has ${columns.length + 1} cells where the header has ${columns.length}`],
    ])
  })

  test('a quote that is never closed does not swallow the rows after it', () => {
    const columns = columnsOf(dayCare)
    const line = (name: string): string => columns.map((column) => good(name)[column] ?? '').join(',')
    const names = [
      '甲中心',
      '乙日照中心',
      '丙日間照顧中心',
      '丁老人日間照顧中心',
      '戊社區老人日間照顧中心',
      '己大安社區老人日間照顧',
    ]
    const lines = names.map((name, index) => (index === 1 ? `"${line(name)}` : line(name)))
    city.raw(dayCare.file, `${columns.join(',')}\n${lines.join('\n')}\n`)
    const { report, entries } = reportOf(dayCare.file)
    expect(report).toMatchObject({ rows: 6, imported: 5, refused: 1 })
    expect(entries[0]).toMatchObject({
      line: 3,
      reason: 'a quote is opened and not closed',
      outcome: 'refused',
    })
  })

  test('a row without a name', () => {
    city.rows(dayCare, [good('甲中心'), { ...good('乙'), 機關名稱: ' ' }])
    const { report, entries } = reportOf(dayCare.file)
    expect(report).toMatchObject({ rows: 2, imported: 1, refused: 1 })
    expect(entries[0]).toMatchObject({ line: 3, field: '機關名稱' })
  })

  test('a map feature that is no polygon, and a village without income', () => {
    const income = `{\n"features": [\n{ "type": "Feature", "properties": {}, "geometry": null },\n`
    city.raw(VILLAGE_FILES.income, `${income}]\n}\n`)
    const read = readTaipei(city.dir)
    expect(read.villages).toEqual([])
    expect(read.files.slice(0, 3).map(({ rows, imported, refused }) => [rows, imported, refused])).toEqual([
      [3, 0, 3],
      [3, 3, 0],
      [1, 0, 1],
    ])
  })
})

test('a pharmacy is refused once its contract has ended and it publishes no hours', () => {
  const row = (name: string, ended: string, hours: string): Record<string, string> => ({
    醫事機構名稱: name,
    地址: `臺北市大安區和平東路${name.length}號`,
    終止合約或歇業日期: ended,
    固定看診時段: hours,
    lat: '25.025',
    lon: '121.555',
  })
  city.rows(pharmacies, [
    row('甲藥局', '20221011', ''),
    row('乙乙藥局', '20241024', '星期一上午看診'),
    row('丙丙丙藥局', '20261129', '星期一上午看診'),
    row('丁丁丁丁藥局', '20271203', ''),
  ])
  const { report, entries } = reportOf(pharmacies.file)
  expect(report).toMatchObject({ rows: 4, imported: 3, refused: 1 })
  expect(entries.map(({ line, outcome }) => [line, outcome])).toEqual([
    [2, 'refused'],
    [3, 'kept'],
  ])
})

test('out of scope is its own count, and a home service from outside comes in with its share', () => {
  const agency = (name: string, served: string): Record<string, string> => ({
    單位名稱: name,
    立案地址: '臺北市信義區松仁路1號',
    特約服務區域: served,
    lat: '25.025',
    lon: '121.575',
  })
  city.rows(homeCare, [agency('甲居家', '大安、信義'), agency('乙居家', '信義'), agency('丙居家', '未特約')])
  city.rows(dayCare, [good('甲中心'), { ...good('乙日照中心'), 區別: '信義' }])
  const whole = readTaipei(city.dir)
  const { district, report } = reportOf(homeCare.file, { district: '大安' })
  expect(report).toMatchObject({ rows: 3, imported: 1, outOfScope: 2 })
  expect(district.villages.map((village) => village.name)).toEqual(['臥龍里', '芳和里'])
  expect(reportOf(dayCare.file, { district: '臺北市大安區' }).report).toMatchObject({
    imported: 1,
    outOfScope: 1,
  })
  const capacityOf = (offerings: typeof whole.offerings): number =>
    offerings.find((offering) => offering.name.includes('甲居家'))!.capacity
  // Two of the three villages, all of one size, lie in the district.
  expect(capacityOf(district.offerings)).toBe(Math.round((capacityOf(whole.offerings) * 2) / 3))
  const uncontracted = whole.offerings.find((offering) => offering.name.includes('丙居家'))!
  expect(uncontracted).toMatchObject({ tier: 'personalized', serviceDistricts: ['信義區'] })
})

test('the same address in two lists is one station with the offerings of both', () => {
  const carePoints = sourceNamed('社區照顧關懷據點㇐覽表')
  const place = {
    據點名稱: '社團法人甲協會',
    行政區: '大安區',
    里別: '臥龍里',
    lat: '25.025',
    lon: '121.555',
  }
  city.rows(stations, [{ ...place, 據點地址: '臺北市大安區臥龍里臥龍街1之2號1樓' }])
  city.rows(carePoints, [
    {
      ...place,
      據點地址: '「台北市大安區臥龍里００１鄰臥龍街１－２號一樓',
      據點類型: '社區照顧關懷據點 4-5時段',
    },
  ])
  const { district } = reportOf(stations.file)
  expect(district.stations).toHaveLength(1)
  expect(district.providers).toHaveLength(1)
  expect(district.offerings.map((offering) => offering.term)).toEqual([
    'prevention',
    'meal',
    'social_activity',
    'friendly_visit',
  ])
})

describe('an error is one sentence', () => {
  test('an unknown district', () => {
    expect(() => readTaipei(city.dir, { district: '板橋' })).toThrow(
      /^There is no district 板橋 in the city; it has 大安區, 信義區\.$/,
    )
  })

  test('a missing directory or file', () => {
    expect(() => readTaipei(join(city.dir, 'nowhere'))).toThrow(/^There is no directory .*nowhere/)
    rmSync(join(city.dir, dayCare.file))
    expect(() => readTaipei(city.dir)).toThrow(/lacks 1 of the city's \d+ files, such as csv\/臺北市日間照顧/)
  })

  test('a list with another header', () => {
    city.raw(dayCare.file, 'a,b\n')
    expect(() => readTaipei(city.dir)).toThrow(`${dayCare.file} has no column 機關名稱.`)
  })
})
