/** Reads a tabular data package: HSDS 3.x, 2.0, 1.x, or Ohana's tables, told apart by names and columns. */

import { KINDS } from '../../directory/kinds.ts'
import { cleanRecord } from '../checks/clean-record.ts'
import type { FeedItem, Flaw, Place } from '../feed-item.ts'
import type { FeedFile } from './feed-file.ts'
import { isOhana, OHANA_TABLES } from './ohana-tables.ts'
import { describedTables, type TableDescription } from './package-description.ts'
import { type TableItem, type TableOptions, type TableRow, tableRows } from './table-rows.ts'
import { emptyMemory, fieldName, mainRecord, type PackageMemory, type TableShape } from './table-shape.ts'
import { isTableFile, readingOrder, shapeOf, singular } from './tabular-names.ts'
import { detached } from './text-key.ts'

interface Table extends TableDescription {
  columns: string[]
  shape: TableShape | null
}

/**
 * Yields the records of all tables, unchecked: those that others need first. Every data row becomes one record with
 * `row` set (further ones may stand beside it) or one refused flaw; a file or column nobody knows is a kept flaw. Reads
 * headers first, so that the dialect is known. Memory: what small side tables say.
 */
export async function* readTabularPackage(
  files: readonly FeedFile[],
  options: TableOptions = {},
): AsyncGenerator<FeedItem> {
  const { tables, flaws } = await plannedTables(files, options)
  for (const flaw of flaws) yield { flaw }
  const memory = emptyMemory()
  for (const table of tables) await remember(table, memory)
  for (const table of tables) yield* readTable(table, memory)
}

async function plannedTables(files: readonly FeedFile[], options: TableOptions) {
  const { descriptions, flaws } = await describedTables(files, options)
  const tables: Table[] = []
  for (const description of descriptions) {
    tables.push({ ...description, columns: await columnsOf(description), shape: null })
  }
  const ohana = isOhana(new Map(tables.map(({ name, columns }) => [singular(name), columns])))
  for (const table of tables) {
    const named = ohana ? OHANA_TABLES[singular(table.name)] : undefined
    table.shape = named ?? shapeOf(table.name, table.columns)
  }
  const rest = files.filter(({ name }) => !isTableFile(name) && !/(^|\/)datapackage\.json$/i.test(name))
  for (const { name } of rest) flaws.push(aboutFile(name, 'not a table: not read'))
  return { tables: tables.sort((a, b) => readingOrder(a.name) - readingOrder(b.name)), flaws }
}

async function columnsOf({ file, options }: TableDescription): Promise<string[]> {
  for await (const item of tableRows(file, options)) if ('columns' in item) return item.columns
  return []
}

function aboutFile(file: string, reason: string, field: string | null = null): Flaw {
  return { place: { file, line: 1 }, field, reason, outcome: 'kept' }
}

/** What services quote from other tables. */
async function remember(table: Table, memory: PackageMemory): Promise<void> {
  const base = singular(table.name)
  const locations = base === 'location' && table.shape === OHANA_TABLES.location
  if (base !== 'eligibility' && !locations) return
  for await (const item of tableRows(table.file, table.options)) {
    if (!('row' in item)) continue
    const { id = '', organization_id = '', service_id = '', eligibility = '' } = item.row.values
    if (locations) memory.organizationOfLocation.set(detached(id.trim()), detached(organization_id.trim()))
    else if (service_id.trim() !== '' && eligibility.trim() !== '') {
      const known = memory.eligibility.get(service_id.trim())
      const text = known === undefined ? eligibility.trim() : `${known}\n${eligibility.trim()}`
      memory.eligibility.set(detached(service_id.trim()), detached(text))
    }
  }
}

async function* readTable(table: Table, memory: PackageMemory): AsyncGenerator<FeedItem> {
  const { file, shape, options } = table
  if (shape !== null) for (const flaw of columnFlaws(table, shape)) yield { flaw }
  for await (const item of tableRows(file, options)) {
    if ('columns' in item) continue
    if (!('row' in item)) yield item as Exclude<TableItem, { columns: string[] } | { row: TableRow }>
    else if (shape === null) {
      yield { flaw: refused(item.row.place, null, 'the file holds no table that is known') }
    } else yield* readRow(item.row, shape, memory)
  }
}

/** Columns nobody knows, and what a column that is missing altogether is taken to say. */
function columnFlaws({ file, columns }: Table, shape: TableShape): Flaw[] {
  const { kind, rename = {}, also = [], constants = {} } = shape
  const known = KINDS[kind].fields
  const names = columns.map((column) => fieldName(column, rename))
  if (columns.length === 0) return [aboutFile(file.name, 'the file is empty')]
  const flaws = columns
    .filter((column, at) => names[at] !== 'id' && !also.includes(column) && known[names[at]!] === undefined)
    .map((column) => aboutFile(file.name, `a ${kind} has no such field: the column is not read`, column))
  const stand = { service: 'status', location: 'location_type', address: 'address_type' }[kind as 'service']
  if (stand === undefined || names.includes(stand) || constants[stand] !== undefined) return flaws
  return [...flaws, aboutFile(file.name, 'the table has no such column', stand)]
}

function refused(place: Place, field: string | null, reason: string, value?: string): Flaw {
  return { place, field, reason, ...(value !== undefined && { value }), outcome: 'refused' }
}

/** The row's record, then those beside it; a row that will be refused brings none of these. */
function* readRow(row: TableRow, shape: TableShape, memory: PackageMemory): Generator<FeedItem> {
  const main = mainRecord(shape, row)
  const more = shape.more?.(row.values, main, memory) ?? []
  if (main.sourceId !== '' && !hasOwnId(row, shape)) {
    const reason = 'no id: one is made of what the row says'
    yield { flaw: { place: row.place, field: 'id', reason, outcome: 'kept' } }
  }
  yield { record: main }
  if (more.length === 0 || cleanRecord(main).record === undefined) return
  for (const record of more) yield { record }
}

function hasOwnId({ values }: TableRow, { rename = {} }: TableShape): boolean {
  for (const column in values) {
    if (fieldName(column, rename) === 'id' && values[column]!.trim() !== '') return true
  }
  return false
}
