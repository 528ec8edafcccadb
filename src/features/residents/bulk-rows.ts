/** A file of residents as rows, whichever way it is written. What is right for a resident is the schema's question. */
import type { FieldError } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { readJsonLines } from '../feeds/json/json-lines.ts'
import { cutRows } from '../feeds/tabular/csv-rows.ts'
import { decodedLines, type TextLine } from '../feeds/tabular/encoding.ts'

export const BULK_TYPES = ['text/csv', 'application/x-ndjson'] as const
export type BulkType = (typeof BULK_TYPES)[number]

/** The value of a row as it stands in the file, or why there is none. */
export type BulkRow = { line: number; value: unknown } | { line: number; flaw: FieldError }

/** @throws Refusal `invalid_input` for a header that cannot be used. */
export async function readBulkRows(type: BulkType, bytes: Uint8Array): Promise<BulkRow[]> {
  return type === 'text/csv' ? csvResidents(await linesOf(bytes)) : jsonResidents(bytes)
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function linesOf(bytes: Uint8Array): Promise<TextLine[]> {
  const lines: TextLine[] = []
  // Taken at its word: a wrong guess would make another person of a reference.
  for await (const batch of decodedLines(inOnePiece(bytes), { encoding: 'utf-8' })) {
    for (const line of batch) lines.push(line)
  }
  return lines
}

async function jsonResidents(bytes: Uint8Array): Promise<BulkRow[]> {
  const rows: BulkRow[] = []
  for await (const { line, ...read } of readJsonLines(inOnePiece(bytes))) {
    rows.push('value' in read ? { line, value: read.value } : unreadable(line, `the line ${read.fault}`))
  }
  return rows
}

const unreadable = (line: number, message: string): BulkRow => ({ line, flaw: { pointer: '', message } })

/** What a cell says of the resident; a cell that it cannot read it hands on, for the schema to refuse. */
type Reader = (cell: string) => unknown

const text: Reader = (cell) => cell
const number: Reader = (cell) => (/^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell)
const truth: Reader = (cell) => ({ true: true, false: false })[cell.toLowerCase()] ?? cell
const list = (cell: string) =>
  cell
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const assessments: Reader = (cell) =>
  list(cell).map((part) => {
    const [scheme, level = '', validUntil = null, ...more] = part.split(':')
    return more.length > 0 ? part : { scheme, level: number(level), validUntil }
  })

const wallets: Reader = (cell) =>
  list(cell).map((part) => {
    const [period, amount = '', ...more] = part.split(':')
    return more.length > 0 ? part : { period, amount: number(amount) }
  })

const READERS: Record<string, Reader> = {
  reference: text,
  areaId: text,
  areaCode: text,
  latitude: number,
  longitude: number,
  birthYear: number,
  mobility: text,
  incomeClass: text,
  livesAlone: truth,
  languages: list,
  assessments,
  consentMatching: list,
  consentReferral: list,
  consentStatistics: list,
  wallet: wallets,
}
const NEEDED = ['reference', 'latitude', 'longitude']
const PURPOSES = { consentMatching: 'matching', consentReferral: 'referral', consentStatistics: 'statistics' }

function csvResidents(lines: TextLine[]): BulkRow[] {
  const [header, ...items] = cutRows(lines)
  if (header === undefined) throw invalidInput([{ path: [], message: 'the file has no header' }])
  if ('reason' in header) throw invalidInput([{ path: [], message: `the header: ${header.reason}` }])
  const columns = header.cells.map((cell) => cell.trim())
  requireColumns(columns)
  return items.map((item) =>
    'cells' in item
      ? { line: item.line, value: residentOf(columns, item.cells) }
      : unreadable(item.line, item.reason),
  )
}

function requireColumns(columns: string[]): void {
  const flaw = (column: string, message: string) => ({ path: [column], message })
  const flaws = [
    ...columns
      .filter((column) => !Object.hasOwn(READERS, column))
      .map((column) =>
        flaw(column, `is no column of residents; those are ${Object.keys(READERS).join(', ')}`),
      ),
    ...columns
      .filter((column, at) => columns.indexOf(column) < at)
      .map((column) => flaw(column, 'is a column twice')),
    ...NEEDED.filter((column) => !columns.includes(column)).map((column) => flaw(column, 'is missing')),
  ]
  if (flaws.length > 0) throw invalidInput(flaws)
}

/** An empty cell says nothing. */
function residentOf(columns: string[], cells: string[]): Record<string, unknown> {
  const told: Record<string, unknown> = {}
  for (const [at, column] of columns.entries()) {
    const cell = cells[at]!.trim()
    if (cell !== '') told[column] = READERS[column]!(cell)
  }
  const { latitude, longitude, wallet, ...rest } = told
  const consents = Object.entries(PURPOSES).flatMap(([column, purpose]) => {
    const { [column]: facts } = rest
    delete rest[column]
    return facts === undefined ? [] : [{ purpose, facts }]
  })
  return {
    ...rest,
    point: { latitude, longitude },
    consents,
    ...(wallet === undefined ? {} : { wallets: wallet }),
  }
}
