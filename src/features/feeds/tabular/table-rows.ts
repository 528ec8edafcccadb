/** A delimited file as rows by column name, with its flaws and, at the end, how many rows it had. */

import type { Flaw, Place } from '../feed-item.ts'
import { type CsvOptions, csvRows } from './csv-rows.ts'
import { type DecodeOptions, decodedLines, type Encoding } from './encoding.ts'
import type { FeedFile } from './feed-file.ts'

export interface TableRow {
  place: Place
  values: Record<string, string>
}

export type TableItem =
  /** Once, before the rows. */
  { columns: string[] } | { row: TableRow } | { flaw: Flaw } | { rows: { file: string; rows: number } }

export interface TableOptions extends CsvOptions {
  encoding?: Encoding | undefined
}

/**
 * Reads one file. Every data row comes out once: as a row or as a refused flaw. A guessed encoding, columns without a
 * name and columns named twice are kept flaws; a second column of a name is called `name (2)`.
 */
export async function* tableRows(file: FeedFile, options: TableOptions = {}): AsyncGenerator<TableItem> {
  let columns: string[] | null = null
  let rows = 0
  const notes: Flaw[] = []
  for await (const item of csvRows(decodedLines(file.open(), noting(file, options, notes)), options)) {
    for (const flaw of notes.splice(0)) yield { flaw }
    if (columns === null) {
      columns = 'cells' in item ? headerOf(item.cells, file.name, notes) : []
      yield { columns }
      if ('reason' in item)
        yield { flaw: unreadable(file.name, item.line, `the header: ${item.reason}`, 'kept') }
      continue
    }
    rows += 1
    const place = { file: file.name, line: item.line }
    if ('reason' in item) yield { flaw: unreadable(place.file, place.line, item.reason, 'refused') }
    else if (columns.length === 0) {
      yield {
        flaw: unreadable(place.file, place.line, 'the header of the file could not be read', 'refused'),
      }
    } else yield { row: { place, values: valuesOf(columns, item.cells) } }
  }
  for (const flaw of notes.splice(0)) yield { flaw }
  if (columns === null) yield { columns: [] }
  yield { rows: { file: file.name, rows } }
}

function noting(file: FeedFile, { encoding }: TableOptions, notes: Flaw[]): DecodeOptions {
  return {
    encoding,
    onEncoding: (found, guessed) => {
      if (guessed) notes.push(unreadable(file.name, 1, `not UTF-8: read as ${found}`, 'kept'))
    },
  }
}

function unreadable(file: string, line: number, reason: string, outcome: Flaw['outcome']): Flaw {
  return { place: { file, line }, field: null, reason, outcome }
}

function headerOf(cells: string[], file: string, notes: Flaw[]): string[] {
  const seen = new Map<string, number>()
  return cells.map((cell, index) => {
    const bare = cell.replace(/^\uFEFF/, '').trim()
    const name = bare === '' ? `column ${index + 1}` : bare
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    if (bare === '') notes.push(unreadable(file, 1, `column ${index + 1} has no name`, 'kept'))
    if (times === 1) return name
    notes.push({ ...unreadable(file, 1, 'two columns of the same name', 'kept'), field: name })
    return `${name} (${times})`
  })
}

function valuesOf(columns: readonly string[], cells: readonly string[]): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (let at = 0; at < columns.length; at++) values[columns[at]!] = cells[at]!
  return values
}
