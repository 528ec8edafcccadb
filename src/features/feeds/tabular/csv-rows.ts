/**
 * Rows of a delimited file, streamed, so that a broken row costs that row and nothing else. A usual streaming parser
 * lets one unclosed quote swallow the rest of the file; here a record is cut first, and one that does not close, or
 * closes with the wrong number of cells, is given up at its first line.
 */
import type { TextLine } from './encoding.ts'

export type CsvItem =
  | { line: number; cells: string[] }
  /** A row that was there and could not be read. */
  | { line: number; reason: string }

export interface CsvOptions {
  delimiter?: string | undefined
  /** No cell spans more lines; a longer one is a quote somebody forgot. */
  longestRecord?: number
}

const DELIMITERS = [',', '\t', ';', '|']

/** Texts of several paragraphs are usual in directories; whole pages are not. */
const LONGEST_RECORD = 100

/** From this many cells on, a line inside a quoted cell that splits into as many is a row, and the quote a slip. */
const TELLING_CELLS = 4

/**
 * The first item is the header (or its fault). Blank lines are no rows. Memory is bounded by a batch of lines and the
 * longest record.
 */
export async function* csvRows(
  batches: AsyncIterable<TextLine[]>,
  options: CsvOptions = {},
): AsyncGenerator<CsvItem> {
  const cutter = new RecordCutter(options)
  for await (const batch of batches) {
    cutter.add(batch)
    yield* cutter.records(false)
  }
  yield* cutter.records(true)
}

/** The same for a text that is in memory as a whole. */
export function cutRows(lines: TextLine[], options: CsvOptions = {}): Generator<CsvItem> {
  const cutter = new RecordCutter(options)
  cutter.add(lines)
  return cutter.records(true)
}

const UNCLOSED = 'a quote is opened and not closed'

class RecordCutter {
  #lines: TextLine[] = []
  #at = 0
  #delimiter: string | undefined
  #columns: number | null = null
  readonly #longest: number

  constructor({ delimiter, longestRecord = LONGEST_RECORD }: CsvOptions) {
    this.#delimiter = delimiter
    this.#longest = longestRecord
  }

  add(batch: TextLine[]): void {
    this.#lines = this.#at < this.#lines.length ? this.#lines.slice(this.#at).concat(batch) : batch
    this.#at = 0
  }

  /** Records that surely end within the lines at hand; at the end of the file, all. */
  *records(last: boolean): Generator<CsvItem> {
    while (this.#at < this.#lines.length) {
      const { text, fault, line } = this.#lines[this.#at]!
      if (fault !== undefined) {
        this.#at += 1
        yield { line, reason: fault }
      } else if (text.trim() === '') this.#at += 1
      else if (text.includes('"') && !last && this.#lines.length - this.#at < this.#longest) {
        // A quoted record may go on in the next batch.
        const whole = this.#record()
        if (whole === 'open') return
        yield whole
      } else {
        const whole = this.#record()
        yield whole === 'open' ? this.#fault(UNCLOSED) : whole
      }
    }
  }

  #fault(reason: string): CsvItem {
    const { line } = this.#lines[this.#at]!
    this.#at += 1
    return { line, reason }
  }

  #record(): CsvItem | 'open' {
    const { line, text } = this.#lines[this.#at]!
    this.#delimiter ??= sniffDelimiter(text)
    const cut = this.#cut(text)
    if (cut === null) return 'open'
    const { cells, lines } = cut
    if (cells === 'broken') {
      return this.#fault(lines > 1 ? UNCLOSED : 'text goes on after a closing quote')
    }
    this.#columns ??= cells.length
    const columns = this.#columns
    if (cells.length === columns) {
      this.#at += lines
      return { line, cells }
    }
    // Two rows that each forgot a quote look like one long row: the first line only is given up.
    if (lines > 1) return this.#fault(UNCLOSED)
    return this.#fault(`the row has ${cells.length} cells where the header has ${columns}`)
  }

  /** The record that starts here; null while its quote stays open over the lines at hand. */
  #cut(first: string): { cells: string[] | 'broken'; lines: number } | null {
    const delimiter = this.#delimiter!
    let text = first
    for (let lines = 1; ; lines++) {
      const cells = splitCells(text, delimiter)
      if (cells !== 'open') return { cells, lines }
      const next = this.#lines[this.#at + lines]
      if (next === undefined || next.fault !== undefined || lines >= this.#longest) return null
      if (this.#isRow(next.text)) return { cells: [], lines: 2 }
      text = `${text}\n${next.text}`
    }
  }

  #isRow(text: string): boolean {
    if (this.#columns === null || this.#columns < TELLING_CELLS) return false
    const cells = splitCells(text, this.#delimiter!)
    return Array.isArray(cells) && cells.length === this.#columns
  }
}

/** The delimiter that cuts a header into most cells; a comma where none does. */
export function sniffDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"?/g, '')
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

/**
 * Cells of one record. Quotes count only around a whole cell (blanks beside them are tolerated); anywhere else they
 * are text, as in `5" pipe`. `open`: the last quote is not closed; `broken`: text follows a closing quote.
 */
export function splitCells(text: string, delimiter: string): string[] | 'open' | 'broken' {
  if (!text.includes('"')) return text.split(delimiter)
  const cells: string[] = []
  for (let at = 0; ; ) {
    const quote = quoteAt(text, at, delimiter)
    let end: number
    if (quote < 0) {
      end = text.indexOf(delimiter, at)
      cells.push(end < 0 ? text.slice(at) : text.slice(at, end))
    } else {
      const close = closingQuote(text, quote + 1)
      if (close < 0) return 'open'
      cells.push(text.slice(quote + 1, close).replaceAll('""', '"'))
      end = text.indexOf(delimiter, close)
      if (text.slice(close + 1, end < 0 ? text.length : end).trim() !== '') return 'broken'
    }
    if (end < 0) return cells
    at = end + delimiter.length
  }
}

/** Where the cell's opening quote stands; -1 if the cell is not quoted. */
function quoteAt(text: string, at: number, delimiter: string): number {
  let start = at
  while (text[start] === ' ' && delimiter !== ' ') start += 1
  return text[start] === '"' ? start : -1
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at
  }
  return -1
}
