/**
 * Reads one delimited file so that a broken row costs that row and nothing else. A streaming parser
 * would let one unclosed quote swallow the rest of the file, so records are cut first, each is parsed
 * alone, and a record that does not close within a few lines is given up at its first line.
 */
import { parse } from 'csv-parse/sync'

export interface TableRow {
  /** 1-based line of the row's first character. */
  line: number
  values: Record<string, string>
}

export interface TableFault {
  line: number
  reason: string
}

export interface Table {
  columns: string[]
  rows: TableRow[]
  faults: TableFault[]
}

interface RecordText {
  line: number
  text: string
  lines: number
}

/** No cell of the known files spans more lines; a longer one is a quote somebody forgot. */
const LONGEST_RECORD = 4

/** Cuts a text into rows by its header; quoted line breaks belong to their cell. */
export function readTable(text: string): Table {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
  const delimiter = delimiterOf(lines[0] ?? '')
  const header = recordAt(lines, 0)
  const columns = header === null ? [] : (cells(header.text, delimiter) ?? [])
  const table: Table = { columns, rows: [], faults: [] }
  for (let at = header?.lines ?? 1; at < lines.length; ) {
    if (lines[at]!.trim() === '') {
      at += 1
      continue
    }
    at += addRecord(table, lines, at, delimiter)
  }
  return table
}

/** Adds the record that starts at a line, as a row or a fault, and tells how many lines it took. */
function addRecord(table: Table, lines: string[], at: number, delimiter: string): number {
  const line = at + 1
  const record = recordAt(lines, at)
  const values = record === null ? null : cells(record.text, delimiter)
  if (record === null || (values === null && record.lines === 1)) {
    table.faults.push({ line, reason: 'a quote is opened and not closed' })
    return 1
  }
  if (values !== null && values.length === table.columns.length) {
    const entries = table.columns.map((column, index) => [column, values[index]!] as const)
    table.rows.push({ line, values: Object.fromEntries(entries) })
    return record.lines
  }
  // Two rows that each forgot a quote look like one long row: give up the first line only.
  const found = values?.length ?? 0
  const reason =
    record.lines > 1
      ? 'a quote is opened and not closed'
      : `the row has ${found} cells where the header has ${table.columns.length}`
  table.faults.push({ line, reason })
  return 1
}

function delimiterOf(header: string): string {
  return header.includes('\t') && !header.includes(',') ? '\t' : ','
}

/** Lines from `at` until the quotes are balanced; null when they do not close soon. */
function recordAt(lines: string[], at: number): RecordText | null {
  let text = ''
  for (let count = 1; count <= LONGEST_RECORD && at + count <= lines.length; count++) {
    text = count === 1 ? lines[at]! : `${text}\n${lines[at + count - 1]!}`
    if ((text.split('"').length - 1) % 2 === 0) return { line: at + 1, text, lines: count }
  }
  return null
}

function cells(text: string, delimiter: string): string[] | null {
  if (!text.includes('"')) return text.split(delimiter)
  try {
    const [record] = parse(text, { delimiter, relax_column_count: true }) as string[][]
    return record ?? null
  } catch {
    return null
  }
}
