/** Reads delimited files through a column map. */
import { cleanRecord } from '../checks/clean-record.ts'
import type { FeedItem, Flaw } from '../feed-item.ts'
import type { FeedFile } from '../tabular/feed-file.ts'
import { type TableRow, tableRows } from '../tabular/table-rows.ts'
import { isTableFile } from '../tabular/tabular-names.ts'
import type { ColumnMap, Expression, MapFile } from './column-map.ts'
import { mappedRow } from './column-map-row.ts'
import { namesIn } from './column-map-values.ts'
import { fileMatcher } from './file-matcher.ts'
import { SharedRecords } from './shared-records.ts'

/**
 * Yields the records of all files that the map names, unchecked, in the map's order. Every data row becomes records,
 * one of which has `row` set, or a refused flaw; a file that the map does not name, a column that it neither reads nor
 * ignores, and one that it reads and that is not there are kept flaws, once each. Memory: the keys of shared records.
 */
export async function* readColumnMap(files: readonly FeedFile[], map: ColumnMap): AsyncGenerator<FeedItem> {
  const left = new Set(files)
  const shared = new SharedRecords()
  for (const entry of map.files) {
    const matches = fileMatcher([entry.match].flat())
    for (const file of files) {
      if (!left.has(file) || !matches(file.name)) continue
      left.delete(file)
      yield* readFile(file, map, entry, shared)
    }
  }
  for (const { name } of left) {
    if (isTableFile(name))
      yield { flaw: aboutFile(name, null, 'no entry of the column map names this file: not read') }
  }
}

function aboutFile(file: string, field: string | null, reason: string): Flaw {
  return { place: { file, line: 1 }, field, reason, outcome: 'kept' }
}

async function* readFile(
  file: FeedFile,
  map: ColumnMap,
  entry: MapFile,
  shared: SharedRecords,
): AsyncGenerator<FeedItem> {
  const missing = new Set<string>()
  const { encoding, delimiter } = entry
  for await (const item of tableRows(file, { encoding, delimiter })) {
    if ('columns' in item) {
      const unread = item.columns.filter((column) => !namesRead(map, entry).has(column))
      for (const column of unread)
        yield { flaw: aboutFile(file.name, column, 'the column map does not read this column') }
    } else if ('row' in item) yield* readRow(item.row, map, entry, shared, missing)
    else yield item
  }
}

function* readRow(
  row: TableRow,
  map: ColumnMap,
  entry: MapFile,
  shared: SharedRecords,
  missing: Set<string>,
): Generator<FeedItem> {
  const absent: string[] = []
  const mapped = mappedRow(map, entry, row, (name) => {
    if (!missing.has(name)) absent.push(name)
    missing.add(name)
  })
  for (const name of absent)
    yield { flaw: aboutFile(row.place.file, name, 'the map reads a column that is not there') }
  for (const flaw of mapped.flaws) yield { flaw }
  const own = mapped.records.filter((record) => record.row)
  for (const record of own) yield { record }
  // A row that will be refused brings nothing with it.
  if (own.some((record) => cleanRecord(record).record === undefined)) return
  for (const record of mapped.records.slice(own.length)) {
    const news = mapped.shared.has(record) ? shared.news(record) : { record, flaw: null }
    if (news.flaw !== null) yield { flaw: news.flaw }
    if (news.record !== null) yield { record: news.record }
  }
}

/** Names that the map reads of a file, or leaves out on purpose. */
function namesRead(map: ColumnMap, entry: MapFile): Set<string> {
  const names = new Set(entry.ignore)
  const look = (value: unknown): void => {
    if (typeof value === 'string') for (const name of namesIn(value)) names.add(name)
    else if (typeof value === 'object' && value !== null)
      Object.values(value as Record<string, Expression>).forEach(look)
  }
  look([
    entry.values,
    entry.refuse,
    entry.flag,
    entry.point,
    map.values,
    entry.make.map((name) => map.sets[name]),
  ])
  return names
}
