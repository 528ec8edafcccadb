import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createCommunityGroup } from '../../../src/features/communities/create-community-group.ts'
import { createStation } from '../../../src/features/communities/create-station.ts'
import { importAreas } from '../../../src/features/communities/import-areas.ts'
import { sharesByWeight, WHOLE } from '../../../src/features/communities/shares.ts'
import { matchSubAreas, readSubAreas } from '../../../src/features/communities/sub-areas.ts'
import { areas } from '../../../src/features/communities/tables.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import { engines, openTestDb } from '../../support/test-world.ts'
import { TAIPEI, taipeiAbsent, taipeiVillages } from './squares.ts'

describe('sub-areas', () => {
  it('are read with their villages, exceptions, and what narrows a village down', () => {
    const text = '臥龍次分區(臥龍里、芳和里)、木柵次分區（排除 木新里、木柵里）及萬芳次分區、陽明山(湖田里)'
    expect(readSubAreas(text)).toEqual({
      subAreas: [
        { name: '臥龍次分區', extent: 'listed', villages: ['臥龍里', '芳和里'] },
        { name: '木柵次分區', extent: 'except', villages: ['木新里', '木柵里'] },
        { name: '萬芳次分區', extent: 'whole', villages: [] },
        { name: '陽明山', extent: 'listed', villages: ['湖田里'] },
      ],
      details: [],
    })
    expect(readSubAreas('景美次分區(僅景行里、景東里)').subAreas).toEqual([
      { name: '景美次分區', extent: 'listed', villages: ['景行里', '景東里'] },
    ])
    expect(readSubAreas('大學里、古風里;大學里').subAreas).toEqual([
      { name: null, extent: 'listed', villages: ['大學里', '古風里'] },
    ])
    expect(readSubAreas(' ')).toEqual({ subAreas: [], details: [] })
  })

  it('survive brackets in brackets, and one that nobody closed', () => {
    const text =
      '中研次分區(中研里、舊莊里(舊莊街145巷以後(不含)、東勢街)、三重埔次分區(九如里1(二段以前、凌雲里))'
    expect(readSubAreas(text)).toEqual({
      subAreas: [
        { name: '中研次分區', extent: 'listed', villages: ['中研里', '舊莊里'] },
        { name: '三重埔次分區', extent: 'listed', villages: ['九如里', '凌雲里'] },
      ],
      details: ['舊莊街145巷以後', '不含', '東勢街', '二段以前'],
    })
  })

  it('give back what was written, whatever the names', () => {
    const name = fc.stringMatching(/^[一-丁]{1,2}$/)
    const subArea = fc.record({
      name: name.map((text) => `${text}次分區`),
      extent: fc.constantFrom('listed' as const, 'except' as const),
      villages: fc.uniqueArray(
        name.map((text) => `${text}里`),
        { minLength: 1, maxLength: 5 },
      ),
    })
    fc.assert(
      fc.property(fc.array(subArea), fc.constantFrom('、', '及', ',', '，'), (subAreas, mark) => {
        const text = subAreas
          .map((one) => `${one.name}(${one.extent === 'except' ? '排除' : ''}${one.villages.join('、')})`)
          .join(mark)
        expect(readSubAreas(text)).toEqual({ subAreas, details: [] })
      }),
    )
  })

  it('are matched with the villages there are, misprints put right', () => {
    const reading = readSubAreas('崁頂次分區(慶安里、忠勤里、無此里)')
    const known = new Set(['廈安里', '忠勤里'])
    expect(matchSubAreas(reading, known, new Map([['慶安里', '廈安里']]))).toMatchObject([
      { known: ['廈安里', '忠勤里'], unknown: ['無此里'] },
    ])
    expect(matchSubAreas(reading, known)).toMatchObject([{ unknown: ['慶安里', '無此里'] }])
  })
})

describe.skipIf(taipeiAbsent)('the list of the city’s integrated care centers', () => {
  const FILE = 'csv/台北市政府衛生局/臺北市社區整合型服務中心(A單位)一覽表_coord.csv'
  /** As the list misprints it: the district has no 慶安里, and no other center serves 廈安里. */
  const MISPRINTS = new Map([['慶安里', '廈安里']])
  let rows: Record<'單位名稱' | '行政區' | '服務區域', string>[]
  const villagesOf = new Map<string, Set<string>>()

  beforeAll(() => {
    rows = parse(readFileSync(join(TAIPEI, FILE)), { columns: true, bom: true })
    for (const { properties } of taipeiVillages().layers[1]!.collection.features) {
      const { TNAME, VNAME } = properties as Record<string, string>
      villagesOf.set(TNAME!, (villagesOf.get(TNAME!) ?? new Set()).add(VNAME!))
    }
  })

  const districtOf = (text: string) =>
    [...villagesOf.keys()].find((name) => text.replace('台', '臺').includes(name.slice(0, -1)))!

  it('accounts for every village name: matched, or listed', () => {
    let named = 0
    let matched = 0
    const unknown: string[] = []
    const details: string[] = []
    for (const row of rows) {
      const reading = readSubAreas(row.服務區域)
      const found = matchSubAreas(reading, villagesOf.get(districtOf(row.行政區))!, MISPRINTS)
      // Counted apart from the reader: every word that ends in 里, once the marks are gone.
      const words = row.服務區域.normalize('NFKC').split(/[()、,及\s]|排除|僅/)
      named += words.filter((word) => /^\D+里\d*$/.test(word)).length
      matched += found.reduce((sum, subArea) => sum + subArea.known.length, 0)
      unknown.push(...found.flatMap((subArea) => subArea.unknown))
      details.push(...reading.details)
    }
    expect(rows).toHaveLength(63)
    expect({ named, matched, unknown }).toEqual({ named: 369, matched: 368, unknown: ['凌雲里'] })
    expect(details).toEqual([
      '研究院路三段以後',
      '舊莊街145巷以前',
      '大坑街',
      '南深路',
      '舊莊街145巷以後',
      '不含',
      '東勢街',
      '研究院路二段以前',
    ])
  })

  it.each(engines())('becomes joint communities that share their center, on %s', async (rung) => {
    const world = await openTestDb(rung)
    await importAreas(world.context(), taipeiVillages())
    const all = await world.db.root.select().from(areas)
    const idOf = new Map(all.map(({ kind, name, id }) => [kind === 'district' ? name : '', id]))
    const elderly = new Map(all.map(({ id, population }) => [id, population?.age65up ?? 0]))
    const { members, alone } = await inTransaction(world.context(), shareCenters)
    // Nine name whole sub-areas and exceptions only, or one village.
    expect({ members, alone: alone.length }).toEqual({ members: 343, alone: 9 })
    await world.close()

    async function shareCenters(operator: Context) {
      let members = 0
      const alone: string[] = []
      for (const row of rows) {
        const district = districtOf(row.行政區)
        const inside = all.filter(({ parentId }) => parentId === idOf.get(district))
        const known = new Map(inside.map(({ name, id }) => [name, id]))
        const found = matchSubAreas(readSubAreas(row.服務區域), new Set(known.keys()), MISPRINTS)
        const listed = found
          .filter(({ extent }) => extent === 'listed')
          .flatMap(({ name, known: names }) => names.map((of) => ({ areaId: known.get(of)!, subArea: name })))
        if (listed.length < 2) {
          alone.push(row.單位名稱)
          continue
        }
        const shares = sharesByWeight(listed.map(({ areaId }) => elderly.get(areaId)!))
        const station = await createStation(operator, {
          locationId: randomUUID(),
          level: 'regional',
          name: row.單位名稱,
          areaId: idOf.get(district)!,
        })
        const group = await createCommunityGroup(operator, {
          name: row.單位名稱,
          stationId: station.id,
          members: listed.map((member, at) => ({ ...member, share: shares[at]! })),
        })
        expect(group.members).toHaveLength(listed.length)
        expect(group.members.reduce((sum, { share }) => sum + share, 0)).toBe(WHOLE)
        members += listed.length
      }
      return { members, alone }
    }
  })
})
