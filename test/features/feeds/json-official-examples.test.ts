/** The official examples: what nests in JSON, flattened, against the rows of the tabular form. */
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, test } from 'vitest'
import { KINDS } from '../../../src/features/directory/kinds.ts'
import type { RecordKind } from '../../../src/features/directory/record.ts'
import type { FeedItem, Flaw, RawRecord } from '../../../src/features/feeds/feed-item.ts'
import { readJsonFeed } from '../../../src/features/feeds/json/json-feed.ts'

const DIR = resolve(import.meta.dirname, '../../../../shared/data/hsds-3.1/examples')
const absent = !existsSync(DIR)
if (absent) console.warn('skipped: the official examples need ../shared/data/hsds-3.1 beside the checkout')

async function read(file: string): Promise<{ records: RawRecord[]; flaws: Flaw[]; rows: number }> {
  const items: FeedItem[] = []
  const chunks = createReadStream(join(DIR, file))
  for await (const item of readJsonFeed([{ name: file, chunks, form: 'document' }])) items.push(item)
  return {
    records: items.flatMap((item) => ('record' in item ? [item.record] : [])),
    flaws: items.flatMap((item) => ('flaw' in item ? [item.flaw] : [])),
    rows: items.reduce((sum, item) => sum + ('rows' in item ? item.rows.rows : 0), 0),
  }
}

/** The rows of the tabular form, by kind: every table of the examples has one. */
function readTables(): Map<RecordKind, Record<string, string>> {
  const tables = new Map<RecordKind, Record<string, string>>()
  for (const [kind, { file }] of Object.entries(KINDS)) {
    const rows = parse(readFileSync(join(DIR, 'csv', file)), { columns: true, bom: true }) as Record<
      string,
      string
    >[]
    expect(rows, file).toHaveLength(1)
    tables.set(kind as RecordKind, rows[0]!)
  }
  return tables
}

/** What a record and its row say differently: `kind.field: JSON ≠ CSV`, '-' where one of them says nothing. */
function differences(record: RawRecord, row: Record<string, string>): string[] {
  const said: Record<string, unknown> = { id: record.sourceId, ...record.fields, ...record.links }
  const names = new Set([...Object.keys(said), ...Object.keys(row)])
  return [...names]
    .map((name) => ({ name, json: String(said[name] ?? '-'), csv: row[name] || '-' }))
    .filter(({ json, csv }) => json !== csv)
    .map(({ name, json, csv }) => `${record.kind}.${name}: ${json.slice(0, 8)} ≠ ${csv.slice(0, 8)}`)
    .sort()
}

const MAIN: Record<string, string> = {
  'location.json': 'location 7',
  'organization_full.json': 'organization 23',
  'organization_list.json': 'organization 1',
  'service_at_location_full.json': 'service_at_location 23',
  'service_at_location_list.json': 'service_at_location 5',
  'service_full.json': 'service 23',
  'service_list.json': 'service 3',
  'taxonomy.json': 'taxonomy 1',
  'taxonomy_list.json': 'taxonomy 1',
  'taxonomy_term.json': 'taxonomy_term 2',
  'taxonomy_term_list.json': 'taxonomy_term 2',
}

describe.skipIf(absent)('the official examples', () => {
  let tables: Map<RecordKind, Record<string, string>>
  beforeAll(() => {
    tables = readTables()
  })

  test('every example is looked at', () => {
    const files = readdirSync(DIR).filter((name) => name.endsWith('.json'))
    expect(files.sort()).toEqual([...Object.keys(MAIN), 'base.json', 'tabular.json'].sort())
  })

  test.each(Object.entries(MAIN))('%s: %s records, each once, none flawed', async (file, expected) => {
    const { records, flaws, rows } = await read(file)
    const main = records.filter(({ row }) => row)
    expect(`${main[0]!.kind} ${records.length}`).toBe(expected)
    expect([main.length, rows, flaws]).toEqual([1, 1, []])
    expect(new Set(records.map(({ kind, sourceId }) => `${kind} ${sourceId}`)).size).toBe(records.length)
  })

  test('base.json, the root of an API, holds no record', async () => {
    expect(await read('base.json')).toMatchObject({ records: [], rows: 1, flaws: [{ outcome: 'refused' }] })
  })

  /** Of the 24 rows; only meta_table_descriptions never nests. */
  const NESTED_AND_TABLES_DIFFER = [
    'attribute.link_id: ac148810 ≠ f28dd44b',
    'contact.organization_id: d9d5e0f5 ≠ ae67a707',
    'contact.service_at_location_id: e94c9f38 ≠ 93eaf18d',
    'location.organization_id: d9d5e0f5 ≠ 985e4a42',
    'metadata.resource_id: ac148810 ≠ 38960354',
    'organization.tax_id: - ≠ tax_id',
    'service_area.service_at_location_id: e94c9f38 ≠ af69894e',
    'service_capacity.service_id: ac148810 ≠ f75b808e',
    'service_capacity.unit_id: 8896b788 ≠ 187a37a2',
    'taxonomy_term.taxonomy_id: 5c4d79d7 ≠ 07ff6aee',
    'url.organization_id: d9d5e0f5 ≠ -',
    'url.service_id: ac148810 ≠ -',
  ]

  /** The example of a location is of its own making. */
  const LOCATION_DIFFERS = [
    'location.external_identifier: ///cheer ≠ 10092008',
    'location.external_identifier_type: what3wor ≠ UPRN',
    'schedule.closes_at: 18:00 ≠ 18:00:00',
    'schedule.opens_at: 10:00 ≠ 10:00:00',
  ]

  test.each(['service_full.json', 'organization_full.json', 'service_at_location_full.json'])(
    '%s says what the tables say, save for twelve values that the examples give differently',
    async (file) => {
      const { records } = await read(file)
      const kinds = records.map(({ kind }) => kind)
      expect(new Set([...kinds, 'meta_table_description'])).toEqual(new Set(Object.keys(KINDS)))
      expect(records.flatMap((record) => differences(record, tables.get(record.kind)!)).sort()).toEqual(
        NESTED_AND_TABLES_DIFFER,
      )
    },
  )

  test('the three full examples say the same of every record', async () => {
    const said = async (file: string) =>
      new Map(
        (await read(file)).records.map(({ kind, sourceId, fields, links }) => [
          `${kind} ${sourceId}`,
          { fields, links },
        ]),
      )
    const service = await said('service_full.json')
    expect(await said('organization_full.json')).toEqual(service)
    expect(await said('service_at_location_full.json')).toEqual(service)
  })

  test('a record that is shared links to everybody it stands under', async () => {
    const { records } = await read('service_full.json')
    expect(records.find(({ kind }) => kind === 'phone')?.links).toEqual({
      contact_id: '1e7efce3-639b-4880-940c-b95cd30cdb50',
      location_id: '3a19ff88-4620-4d17-9830-ac1d859eb5d5',
      organization_id: 'd9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610',
      service_id: 'ac148810-d857-441c-9679-408f346de14b',
      service_at_location_id: 'e94c9f38-1e8f-4564-91d4-d53501ab1765',
    })
  })

  test('the tabular form in JSON says what the CSV files say, save for two values', async () => {
    const { records, flaws, rows } = await read('tabular.json')
    expect([records.length, rows, flaws]).toEqual([21, 21, []])
    expect(records.every(({ row }) => row)).toBe(true)
    expect(records.flatMap((record) => differences(record, tables.get(record.kind)!)).sort()).toEqual([
      'attribute.label: - ≠ An Examp',
      'service_area.service_at_location_id: - ≠ af69894e',
    ])
    const left = Object.keys(KINDS).filter((kind) => !records.some((record) => record.kind === kind))
    expect(left).toEqual(['url', 'service_capacity', 'unit'])
  })

  test.each([
    'location.json',
    'organization_list.json',
    'service_list.json',
    'service_at_location_list.json',
    'taxonomy.json',
    'taxonomy_list.json',
    'taxonomy_term.json',
    'taxonomy_term_list.json',
  ])('%s says nothing that the tables don’t say, save for the same values', async (file) => {
    const { records } = await read(file)
    const found = records.flatMap((record) => differences(record, tables.get(record.kind)!))
    const unsaid = found.filter((line) => !line.includes(': - ≠') && !NESTED_AND_TABLES_DIFFER.includes(line))
    expect(unsaid).toEqual(file === 'location.json' ? LOCATION_DIFFERS : [])
  })
})
