/** Reads one delimited file that is in memory as a whole; a broken row costs that row and nothing else. */
import { cutRows } from '../../../features/feeds/tabular/csv-rows.ts'

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

/** No cell of the known files spans more lines; a longer one is a quote somebody forgot. */
const LONGEST_RECORD = 4

/** Cuts a text into rows by its header; quoted line breaks belong to their cell. */
export function readTable(text: string): Table {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line: index + 1, text: line }))
  const table: Table = { columns: [], rows: [], faults: [] }
  let hasHeader = false
  for (const item of cutRows(lines, { longestRecord: LONGEST_RECORD })) {
    if ('reason' in item) table.faults.push(item)
    else if (!hasHeader) {
      table.columns = item.cells
      hasHeader = true
    } else {
      const entries = table.columns.map((column, index) => [column, item.cells[index]!] as const)
      table.rows.push({ line: item.line, values: Object.fromEntries(entries) })
    }
  }
  return table
}
