/** A tiny city in a temporary directory: every file the reader wants, empty but for what a test puts in. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SOURCES, type Source } from '../../../../src/cli/demo/taipei/sources.ts'
import { VILLAGE_FILES } from '../../../../src/cli/demo/taipei/villages.ts'

export interface Fixture {
  dir: string
  /** Replaces the rows of one list; cells not named stay empty. */
  rows(source: Source, rows: Record<string, string>[]): void
  raw(file: string, text: string): void
  remove(): void
}

const BANDS = ['A65A69', 'A70A74', 'A75A79', 'A80A84', 'A85A89', 'A90A94', 'A95A99', 'A100UP_5']

const VILLAGES = [
  { district: '大安區', name: '臥龍里', code: '63000030-001', west: 121.55 },
  { district: '大安區', name: '芳和里', code: '63000030-002', west: 121.56 },
  { district: '信義區', name: '雅祥里', code: '63000020-011', west: 121.57 },
]

export function columnsOf(source: Source): string[] {
  const rules = source.services.flatMap((service) => [
    service.when?.column,
    service.priceIn?.column,
    service.capacity && 'column' in service.capacity ? service.capacity.column : undefined,
  ])
  const all = [...Object.values(source.columns), ...rules, 'lat', 'lon']
  return [...new Set(all.filter((column) => column !== undefined))]
}

export function sourceNamed(part: string): Source {
  const source = SOURCES.find(({ file }) => file.includes(part))
  if (source === undefined) throw new Error(`no list named ${part}`)
  return source
}

export function buildFixture(): Fixture {
  const dir = mkdtempSync(join(tmpdir(), 'demo-city-'))
  const raw = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  for (const source of SOURCES) raw(source.file, `${columnsOf(source).join(',')}\n`)
  raw(VILLAGE_FILES.classes, collection('TOWN', 'VILLAGE', { A0A14_CNT: 10, A15A64_CNT: 60, A65UP_CNT: 80 }))
  const bands = Object.fromEntries(BANDS.map((band) => [`${band}_CNT`, 10]))
  raw(VILLAGE_FILES.bands, collection('TOWN', 'VILLAGE', bands))
  raw(VILLAGE_FILES.income, collection('TNAME', 'VNAME', { 第一分位數: 250, 中位數: 570, 第三分位數: 1200 }))
  return {
    dir,
    raw,
    rows: (source, rows) => raw(source.file, csv(columnsOf(source), rows)),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function csv(columns: string[], rows: Record<string, string>[]): string {
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','))
  return `${[columns.join(','), ...lines].join('\n')}\n`
}

function collection(town: string, village: string, figures: Record<string, number>): string {
  const features = VILLAGES.map(({ district, name, code, west }) =>
    JSON.stringify({
      type: 'Feature',
      properties: { [town]: district, [village]: name, V_ID: code, ...figures },
      geometry: { type: 'Polygon', coordinates: [square(west)] },
    }),
  )
  return `{\n"type": "FeatureCollection",\n"features": [\n${features.join(',\n')}\n]\n}\n`
}

function square(west: number): [number, number][] {
  const [east, south, north] = [west + 0.01, 25.02, 25.03]
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}
