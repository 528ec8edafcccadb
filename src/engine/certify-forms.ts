import type { Certificate } from './certify.ts'
import type { FileCertifier } from './certify-file.ts'
import { createSha256 } from './sha256.ts'
import { JsonError, parseStrict } from './strict-json.ts'
import { readUtf8 } from './utf8.ts'

// How a problem file reaches its certifier. On purpose this is not the reader of the solver's side: should
// that one misread a file, the certifier would otherwise misread it the same way.

/** Takes the text of a problem file, JSON or NDJSON, in pieces. */
export interface TextFeed {
  push(text: string): void
  end(): Certificate
}

/**
 * Feeds a certifier with text. NDJSON is taken line by line; one JSON object is parsed as a whole, and has to
 * fit into a string for that (half a gigabyte).
 */
export function feedText(certifier: FileCertifier): TextFeed {
  const feed: Feed = { certifier, form: 'unknown', held: [], line: 0, residents: 0, expected: undefined }
  return {
    push(text) {
      if (text === '') return
      let from = text.charCodeAt(0) === 0xfeff && feed.line === 0 && feed.held.length === 0 ? 1 : 0
      while (feed.form !== 'json') {
        const end = text.indexOf('\n', from)
        if (end < 0) break
        feed.held.push(text.slice(from, end))
        from = end + 1
        takeLine(feed)
      }
      feed.held.push(text.slice(from))
    },
    end() {
      if (feed.form !== 'json') takeLine(feed)
      if (feed.form === 'json') takeWhole(feed)
      else if (feed.expected !== undefined && feed.expected !== feed.residents) {
        certifier.abandon(`The problem has ${feed.residents} residents, its header says ${feed.expected}.`)
      } else if (feed.expected === undefined && feed.residents === 0) {
        certifier.abandon('The problem has no residents.')
      }
      return certifier.end()
    },
  }
}

interface Feed {
  readonly certifier: FileCertifier
  form: 'unknown' | 'lines' | 'json'
  held: string[]
  line: number
  residents: number
  expected: unknown
}

/** A line is complete. The first one tells the form: by itself a header, or else the beginning of JSON. */
function takeLine(feed: Feed): void {
  const text = feed.held.join('')
  feed.line++
  if (feed.form === 'lines') {
    feed.held = []
    if (text.trim() === '') return
    feed.residents++
    feed.certifier.resident(parse(feed, text, `Line ${feed.line} of the problem`))
    return
  }
  const header = headerOf(text)
  if (header === undefined) {
    feed.form = 'json'
    feed.held = [text, '\n']
    return
  }
  feed.form = 'lines'
  feed.held = []
  feed.expected = header.residentCount
  feed.certifier.header(parse(feed, text, 'Line 1 of the problem'))
}

function headerOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null
    const isHeader = typeof value === 'object' && value !== null && !Object.hasOwn(value, 'residents')
    return isHeader ? value : undefined
  } catch {
    return undefined
  }
}

function takeWhole({ certifier, held }: Feed): void {
  let text: string
  try {
    text = held.join('')
  } catch {
    certifier.abandon('The problem is too large to be certified as one JSON object; write it as NDJSON.')
    return
  }
  const problem = parse({ certifier }, text, 'The problem') as Record<string, unknown> | null
  certifier.header(problem)
  const residents = problem?.residents
  if (Array.isArray(residents)) for (const resident of residents) certifier.resident(resident)
  else certifier.abandon('The field residents of the problem is not a list.')
}

function parse({ certifier }: Pick<Feed, 'certifier'>, text: string, what: string): unknown {
  try {
    return parseStrict(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    certifier.abandon(`${what} ${error.message}.`)
    return undefined
  }
}

const FRAME = 56
/** Without floors, which are the last column. */
const FEWEST_COLUMNS = 19
const FLOORS = 19

/** Certifies the bytes of a binary problem file (its layout: `problem-binary.ts`). */
export function feedBinary(certifier: FileCertifier, file: Uint8Array): Certificate {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (!isWhole(view)) certifier.abandon('The problem is not a whole binary problem of version 1.')
  else if (createSha256().bytes(file.subarray(FRAME)).digest() !== `sha256:${storedDigest(file)}`) {
    certifier.abandon('The checksum of the binary problem does not hold.')
  } else {
    try {
      unpack(certifier, view)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      certifier.abandon('The columns of the binary problem do not fit together.')
    }
  }
  return certifier.end()
}

function isWhole(view: DataView): boolean {
  if (view.byteLength < FRAME + 8 * FEWEST_COLUMNS) return false
  const columns = view.getUint32(12, true)
  return (
    view.getBigUint64(0) === 0x894c43500d0a1a0an &&
    view.getUint32(8, true) === 1 &&
    (columns === FEWEST_COLUMNS || columns === FLOORS + 1) &&
    view.getBigUint64(16, true) === BigInt(view.byteLength)
  )
}

const storedDigest = (file: Uint8Array): string =>
  [...file.subarray(24, FRAME)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Hands the rows on as if they had been JSON. Throws RangeError where columns are too short or too long. */
function unpack(certifier: FileCertifier, view: DataView): void {
  const columns = readTable(view)
  const take = (column: number, count: number): number[] =>
    Array.from({ length: count }, columns[column]!.take)
  const names = readTexts(view, columns[0]!.start, take(1, columns[1]!.count))
  const name = (column: number): string | undefined => names[columns[column]!.take()]
  const number = (column: number): number => columns[column]!.take()
  const accounts = Array.from({ length: columns[2]!.count }, () => {
    return { id: name(2), limit: number(3), floor: columns[FLOORS]?.take() }
  })
  certifier.header({ format: 'lifecircle-problem/1', accounts })
  for (let r = columns[4]!.count; r > 0; r--) {
    const id = name(4)
    const own = Array.from({ length: number(5) }, () => ({ id: name(7), limit: number(8) }))
    const uses = (counts: number, places: number, ids: readonly { id: string | undefined }[]) => {
      const entries = Array.from({ length: number(counts) }, () => {
        return [ids[number(places)]?.id ?? '', number(places + 1)] as const
      })
      const byId = Object.fromEntries(entries)
      if (Object.keys(byId).length !== entries.length) throw new RangeError('An account is used twice.')
      return byId
    }
    const needs = Array.from({ length: number(6) }, () => ({
      id: name(9),
      options: Array.from({ length: number(10) }, () => ({
        id: name(11),
        utility: number(12),
        uses: uses(13, 14, accounts),
        privateUses: uses(16, 17, own),
      })),
    }))
    certifier.resident({ id, accounts: own, needs })
  }
  // All but the first, whose bytes the names have used up.
  if (columns.slice(1).some((column) => column.left() > 0)) throw new RangeError('A column is too long.')
}

interface PackedColumn {
  readonly start: number
  readonly count: number
  readonly left: () => number
  readonly take: () => number
}

function readTable(view: DataView): PackedColumn[] {
  const columnCount = view.getUint32(12, true)
  let end = FRAME + 8 * columnCount
  const columns = Array.from({ length: columnCount }, (_, c) => {
    const width = view.getUint32(FRAME + 8 * c, true)
    const count = view.getUint32(FRAME + 8 * c + 4, true)
    const start = end
    end += width * count
    let at = start
    let left = count
    const take = (): number => {
      if (left-- === 0) throw new RangeError('A column is too short.')
      const from = at
      at += width
      if (width === 1) return view.getUint8(from)
      if (width === 2) return view.getUint16(from, true)
      if (width === 4) return view.getUint32(from, true)
      return Number(view.getBigUint64(from, true))
    }
    return { start, count, left: () => left, take }
  })
  if (end !== view.byteLength) throw new RangeError('The columns do not fill the file.')
  return columns
}

function readTexts(view: DataView, start: number, lengths: readonly number[]): string[] {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  let at = start
  return lengths.map((length) => {
    at += length
    return readUtf8(bytes, at - length, at)
  })
}
