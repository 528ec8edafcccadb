/** Records as the rows of a tabular data package: HSDS's columns in its order, then those of our Profile. */
import { stringify } from 'csv-stringify/sync'
import { canonicalJson } from '../../../platform/audit/canonical-json.ts'
import { KINDS } from '../../directory/kinds.ts'
import type { DirectoryRecord, JsonValue, RecordKind } from '../../directory/record.ts'

/** Column names of a kind's file. */
export function columnsOf(kind: RecordKind): string[] {
  return ['id', ...Object.keys(KINDS[kind].fields)]
}

/** The file of a kind as text, a few rows at a time. Lines end in CRLF, as RFC 4180 has it. */
export async function* csvOf(
  kind: RecordKind,
  records: AsyncIterable<DirectoryRecord>,
): AsyncGenerator<string> {
  const columns = columnsOf(kind)
  yield toCsv([columns])
  for await (const { id, fields } of records) {
    yield toCsv([columns.map((name) => (name === 'id' ? id : cellOf(fields[name])))])
  }
}

function toCsv(rows: string[][]): string {
  return stringify(rows, { record_delimiter: 'windows' })
}

/** Objects, such as eligibility rules, are JSON text in their cell. */
function cellOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? canonicalJson(value) : String(value)
}

/** A record as a row of the JSON form: what is not told is left out. */
export function jsonRowOf({ kind, id, fields }: DirectoryRecord): string {
  const told = columnsOf(kind).flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]]))
  return JSON.stringify({ id, ...Object.fromEntries(told) })
}
