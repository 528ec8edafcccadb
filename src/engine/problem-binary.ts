import { createProblemBuilder, type Problem, type ProblemBuilder, ProblemError } from './problem.ts'
import { createSha256 } from './sha256.ts'
import { readUtf8, utf8Length, writeUtf8 } from './utf8.ts'

// The binary form, all numbers little endian and without a sign:
//
//    0   8 bytes   89 4C 43 50 0D 0A 1A 0A; mangled by whatever mangles binary files (as in PNG)
//    8   4 bytes   version, 1
//   12   4 bytes   number of columns, 19, or 20 where an account has a floor
//   16   8 bytes   length of the file
//   24  32 bytes   SHA-256 of everything behind this field
//   56   8 bytes for each column: bytes per entry (1, 2, 4 or 8) and number of entries
//        the columns, back to back, in the order of COLUMNS
//
// Ranges are kept as the number of rows in each, private accounts by their place at their resident, and
// every name once: most numbers then take a byte or two.

/** The columns, in the order of the file. */
const COLUMNS = [
  'text', // all distinct names, in UTF-8
  'textLengths', // how many bytes of `text` each takes
  'accountNames', // a name is the number of a distinct name
  'limits',
  'residentNames',
  'residentAccounts', // private accounts per resident
  'residentNeeds', // needs per resident
  'privateNames',
  'privateLimits',
  'needNames',
  'needOptions', // options per need
  'optionNames',
  'utilities',
  'optionUses', // uses per option
  'useAccounts',
  'useAmounts',
  'optionPrivateUses', // private uses per option
  'privateUseAccounts', // counted from the resident's first private account
  'privateUseAmounts',
  'floors', // left out where all are 0, so that files without floors are as they were before there were any
] as const
type ColumnName = (typeof COLUMNS)[number]

const MAGIC = [0x89, 0x4c, 0x43, 0x50, 0x0d, 0x0a, 0x1a, 0x0a]
const VERSION = 1
const LENGTH_AT = 16
const DIGEST_AT = 24
const TABLE_AT = 56
/** Columns of a problem without floors. */
const FEWEST_COLUMNS = COLUMNS.length - 1
const bodyAt = (columns: number): number => TABLE_AT + 8 * columns

/** Whether a file that begins with these bytes claims to be a binary problem. Asks for its first 8 bytes. */
export function isBinaryProblem(start: Uint8Array): boolean {
  return MAGIC.every((byte, i) => start[i] === byte)
}

/** A problem in binary form (`.lcp`). */
export function writeBinaryProblem(problem: Problem): Uint8Array {
  const columns = columnsOf(problem)
  const written = COLUMNS.slice(0, problem.floors.some((floor) => floor > 0) ? undefined : FEWEST_COLUMNS)
  const widths = written.map((name) => widthOf(columns[name]))
  const body = written.reduce((sum, name, c) => sum + columns[name].length * widths[c]!, 0)
  const file = new Uint8Array(bodyAt(written.length) + body)
  const view = new DataView(file.buffer)
  file.set(MAGIC)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, written.length, true)
  writeNumber(file, LENGTH_AT, 8, file.length)
  let at = bodyAt(written.length)
  written.forEach((name, c) => {
    const values = columns[name]
    const width = widths[c]!
    view.setUint32(TABLE_AT + 8 * c, width, true)
    view.setUint32(TABLE_AT + 8 * c + 4, values.length, true)
    for (let i = 0; i < values.length; i++) writeNumber(file, at + i * width, width, values[i]!)
    at += values.length * width
  })
  file.set(digestOf(file), DIGEST_AT)
  return file
}

/**
 * Reads a problem in binary form. Throws `ProblemError` with one sentence if the file is cut off, damaged or
 * of another version, or if what it says breaks a rule of the builder.
 */
export function readBinaryProblem(file: Uint8Array): Problem {
  const hasFloors = checkFrame(file) === COLUMNS.length
  const columns = openColumns(file, hasFloors ? COLUMNS.length : FEWEST_COLUMNS)
  const builder = createProblemBuilder()
  const names = readNames(columns)
  const name = (column: Column): string => {
    const index = column.next()
    return names[index] ?? damaged(`there is no name number ${index}`)
  }
  for (let k = columns.accountNames.rows; k > 0; k--) {
    const id = name(columns.accountNames)
    builder.account(id, columns.limits.next(), hasFloors ? columns.floors.next() : 0)
  }
  for (let r = columns.residentNames.rows; r > 0; r--) readResident(builder, columns, name)
  for (const column of COLUMNS) {
    if (columns[column].left() > 0) damaged(`column ${column} has more entries than belong to anything`)
  }
  return builder.build()
}

/** The columns of a problem as arrays of numbers. */
function columnsOf(problem: Problem): Record<ColumnName, ArrayLike<number>> {
  const { names } = problem
  const known = new Map<string, number>()
  const texts: string[] = []
  const numberOf = (name: string): number => {
    let number = known.get(name)
    if (number === undefined) {
      number = texts.push(name) - 1
      known.set(name, number)
    }
    return number
  }
  const numbers = (list: Iterable<string>) => Int32Array.from(list, numberOf)
  const named = {
    accountNames: numbers(names.accounts),
    residentNames: numbers(names.residents),
    privateNames: numbers(names.privateAccounts),
    needNames: numbers(names.needs),
    optionNames: numbers(names.options),
  }
  const { limits, floors, privateLimits, utilities, useAccounts, useAmounts, privateUseAmounts } = problem
  return {
    ...named,
    ...textColumns(texts),
    limits,
    residentAccounts: countsOf(problem.residentAccounts),
    residentNeeds: countsOf(problem.residentNeeds),
    privateLimits,
    needOptions: countsOf(problem.needOptions),
    utilities,
    optionUses: countsOf(problem.optionUses),
    useAccounts,
    useAmounts,
    optionPrivateUses: countsOf(problem.optionPrivateUses),
    privateUseAccounts: ownPlaces(problem),
    privateUseAmounts,
    floors,
  }
}

function textColumns(texts: readonly string[]) {
  const textLengths = Int32Array.from(texts, utf8Length)
  const text = new Uint8Array(textLengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const name of texts) at = writeUtf8(name, text, at)
  return { text, textLengths }
}

/** How many rows each range has. */
const countsOf = (starts: Int32Array): Int32Array => starts.subarray(1).map((end, row) => end - starts[row]!)

/** Every private use's account, counted from its resident's first. */
function ownPlaces(problem: Problem): Int32Array {
  const places = problem.privateUseAccounts.slice()
  for (let r = 0; r + 1 < problem.residentNeeds.length; r++) {
    const first = problem.needOptions[problem.residentNeeds[r]!]!
    const last = problem.needOptions[problem.residentNeeds[r + 1]!]!
    for (let use = problem.optionPrivateUses[first]!; use < problem.optionPrivateUses[last]!; use++) {
      places[use] = places[use]! - problem.residentAccounts[r]!
    }
  }
  return places
}

/** The fewest bytes that hold every entry. */
function widthOf(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!
  return most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : most < 2 ** 32 ? 4 : 8
}

function writeNumber(file: Uint8Array, at: number, width: number, value: number): void {
  let rest = value
  for (let i = 0; i < width; i++) {
    file[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

function readNumber(file: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = width - 1; i >= 0; i--) value = value * 256 + file[at + i]!
  return value
}

function digestOf(file: Uint8Array): Uint8Array {
  const hex = createSha256().bytes(file.subarray(TABLE_AT)).digest().slice('sha256:'.length)
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

function damaged(what: string): never {
  throw new ProblemError(`The binary problem is damaged: ${what}.`)
}

/** Refuses what is no whole binary problem; returns its number of columns. */
function checkFrame(file: Uint8Array): number {
  if (file.length === 0) throw new ProblemError('The problem is empty: there are no bytes.')
  if (!isBinaryProblem(file)) {
    throw new ProblemError('This is no binary problem: it does not begin with the eight bytes that mark one.')
  }
  if (file.length < bodyAt(FEWEST_COLUMNS)) damaged(`it ends in its header, after ${file.length} bytes`)
  const version = readNumber(file, 8, 4)
  if (version !== VERSION) {
    throw new ProblemError(
      `The binary problem has version ${version}; this program reads version ${VERSION}.`,
    )
  }
  const columns = readNumber(file, 12, 4)
  if (columns < FEWEST_COLUMNS || columns > COLUMNS.length) {
    damaged(`it has ${columns} columns instead of ${FEWEST_COLUMNS} or ${COLUMNS.length}`)
  }
  const length = readNumber(file, LENGTH_AT, 8)
  if (length !== file.length) damaged(`it has ${file.length} bytes instead of ${length}`)
  const digest = digestOf(file)
  if (digest.some((byte, i) => byte !== file[DIGEST_AT + i])) damaged('its checksum does not hold')
  return columns
}

/** Reads one column's entries in order. */
interface Column {
  /** Number of entries. */
  readonly rows: number
  readonly left: () => number
  readonly next: () => number
}
type Columns = Record<ColumnName, Column>

/** Opens the first `count` columns; the others are empty. */
function openColumns(file: Uint8Array, count: number): Columns {
  let at = bodyAt(count)
  const columns = COLUMNS.map((name, c) => {
    if (c >= count) return [name, openColumn(file, name, at, 1, 0)] as const
    const width = readNumber(file, TABLE_AT + 8 * c, 4)
    const rows = readNumber(file, TABLE_AT + 8 * c + 4, 4)
    if (![1, 2, 4, 8].includes(width)) damaged(`column ${name} has ${width} bytes per entry`)
    const start = at
    at += width * rows
    return [name, openColumn(file, name, start, width, rows)] as const
  })
  if (at !== file.length) damaged(`its columns take ${at} bytes instead of ${file.length}`)
  return Object.fromEntries(columns) as Columns
}

function openColumn(file: Uint8Array, name: string, start: number, width: number, rows: number): Column {
  const end = start + width * rows
  let at = start
  return {
    rows,
    left: () => (end - at) / width,
    next() {
      if (at >= end) damaged(`column ${name} ends too early`)
      at += width
      return readNumber(file, at - width, width)
    },
  }
}

function readNames({ text, textLengths }: Columns): string[] {
  const bytes = Uint8Array.from({ length: text.rows }, text.next)
  let at = 0
  return Array.from({ length: textLengths.rows }, () => {
    const end = at + textLengths.next()
    if (end > bytes.length) damaged('its names take more bytes than there are')
    const name = readUtf8(bytes, at, end)
    at = end
    return name
  })
}

function readResident(builder: ProblemBuilder, columns: Columns, name: (column: Column) => string): void {
  builder.resident(name(columns.residentNames))
  const own: number[] = []
  for (let k = columns.residentAccounts.next(); k > 0; k--) {
    own.push(builder.privateAccount(name(columns.privateNames), columns.privateLimits.next()))
  }
  const privateAccount = (): number => {
    const place = columns.privateUseAccounts.next()
    return own[place] ?? damaged(`a resident has no private account number ${place}`)
  }
  for (let n = columns.residentNeeds.next(); n > 0; n--) {
    builder.need(name(columns.needNames))
    for (let o = columns.needOptions.next(); o > 0; o--) {
      const uses: [number, number][] = []
      for (let use = columns.optionUses.next(); use > 0; use--) {
        uses.push([columns.useAccounts.next(), columns.useAmounts.next()])
      }
      const privateUses: [number, number][] = []
      for (let use = columns.optionPrivateUses.next(); use > 0; use--) {
        privateUses.push([privateAccount(), columns.privateUseAmounts.next()])
      }
      builder.option(name(columns.optionNames), columns.utilities.next(), uses, privateUses)
    }
  }
}
