import { CutError, createJsonCutter, type JsonCutter } from './json-cutter.ts'
import { type Problem, ProblemError } from './problem.ts'
import { createProblemReader, describe, type ProblemReader } from './problem-file.ts'
import { JsonError, parseStrict } from './strict-json.ts'

/** Reads a problem while its text arrives. Every call throws `ProblemError` on the first thing that is wrong. */
export interface ProblemTextReader {
  /** The next piece of text; pieces may end anywhere. */
  push(text: string): void
  /** The problem, once all text has come. */
  end(): Problem
}

/**
 * Reads a problem file as JSON or NDJSON, in the memory of the problem plus one resident. The text itself
 * says which it is: an object without `residents` on the first line is the header of NDJSON, and every
 * further line one resident. A byte order mark, CRLF and empty lines do no harm.
 */
export function createProblemTextReader(): ProblemTextReader {
  const state = createState()
  return {
    push(text) {
      if (text === '') return
      if (state.isOpen) {
        const end = inLine(state, () => state.cutter.push(text))
        if (end < 0) return
        closeObject(state)
        pushRest(state, text.slice(end))
      } else pushRest(state, text)
    },
    end: () => finish(state),
  }
}

type Item = readonly [path: string, text: string, line: number]

interface State {
  readonly reader: ProblemReader
  readonly cutter: JsonCutter
  /** Whether the object that begins the file still goes on. */
  isOpen: boolean
  /** Fields of that object so far. */
  readonly seen: Set<string>
  list: string
  /** Residents that came before the accounts they may use. */
  readonly waiting: Item[]
  accountsAreRead: boolean
  /** What the header says of the number of residents, if anything. */
  expected: number | undefined
  /** Residents so far, when the rest is NDJSON. */
  lines: number
  /** Where the reading is, for sentences. */
  line: number
  /** Pieces of a line that has not ended yet. */
  held: string[]
}

function createState(): State {
  const state: State = {
    reader: createProblemReader(),
    cutter: createJsonCutter({
      member: (name, text, line) => readMember(state, name, text, line),
      list: (name) => openList(state, name),
      item: (index, text, line) => readItem(state, [`${state.list}[${index}]`, text, line]),
      listEnd: () => closeList(state),
    }),
    isOpen: true,
    seen: new Set(),
    list: '',
    waiting: [],
    accountsAreRead: false,
    expected: undefined,
    lines: 0,
    line: 1,
    held: [],
  }
  return state
}

/** Does `act`; what is wrong with the text then gets its line. */
function inLine<T>(state: State, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof CutError) throw new ProblemError(`Line ${error.line}: ${error.message}`)
    if (!(error instanceof ProblemError)) throw error
    throw new ProblemError(`Line ${state.line}: ${error.message}`)
  }
}

function parse(text: string, path: string): unknown {
  try {
    return parseStrict(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new ProblemError(`${path} ${error.message}.`)
  }
}

function readMember(state: State, name: string, text: string, line: number): void {
  state.line = line
  see(state, name)
  const value = parse(text, name)
  if (name === 'format') state.reader.format(value)
  if (name === 'residentCount') state.expected = readCount(value)
  if (name !== 'accounts' && name !== 'residents') return
  throw new ProblemError(`${name} must be a list, not ${describe(value)}.`)
}

function readCount(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new ProblemError(`residentCount must be an integer from 0, not ${describe(value)}.`)
}

function openList(state: State, name: string): void {
  state.line = state.cutter.line
  see(state, name)
  state.list = name
}

function see(state: State, name: string): void {
  if (state.seen.has(name)) throw new ProblemError(`The field ${name} is listed twice.`)
  state.seen.add(name)
}

function readItem(state: State, item: Item): void {
  const [path, text, line] = item
  state.line = line
  if (state.list === 'residents' && !state.accountsAreRead) state.waiting.push(item)
  else if (state.list === 'residents') state.reader.resident(parse(text, path), path)
  else if (state.list === 'accounts') state.reader.account(parse(text, path))
  else parse(text, path)
}

function closeList(state: State): void {
  if (state.list !== 'accounts') return
  state.accountsAreRead = true
  for (const [path, text, line] of state.waiting.splice(0)) {
    state.line = line
    state.reader.resident(parse(text, path), path)
  }
}

/** The object that begins the file is complete: a whole problem, or the header of NDJSON. */
function closeObject(state: State): void {
  const { seen, cutter } = state
  state.isOpen = false
  state.line = cutter.line
  if (!seen.has('format')) state.reader.format(undefined)
  if (!seen.has('accounts')) throw new ProblemError('accounts must be a list, not missing.')
  // A header stands on one line; an object over several lines is JSON that lacks something.
  if (!seen.has('residents') && cutter.line > 1) {
    throw new ProblemError('residents must be a list, not missing.')
  }
}

/** Text behind the first object: lines of NDJSON, or nothing. */
function pushRest(state: State, text: string): void {
  let from = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    state.held.push(text.slice(from, end))
    readLine(state, true)
    state.line++
    from = end + 1
  }
  if (from < text.length) state.held.push(text.slice(from))
}

function readLine(state: State, isWhole: boolean): void {
  const text = state.held.join('')
  state.held = []
  if (text.trim() === '') return
  inLine(state, () => {
    if (state.seen.has('residents'))
      throw new ProblemError('there is more text behind the end of the problem.')
    if (state.line === 1) throw new ProblemError('there is more text behind the header.')
    state.reader.resident(parse(text, isWhole ? 'the line' : 'the line, the last of the file,'), '')
  })
  state.lines++
}

function finish(state: State): Problem {
  if (state.isOpen) throw new ProblemError(suddenEnd(state.cutter))
  readLine(state, false)
  if (!state.seen.has('residents')) checkLines(state)
  return state.reader.build()
}

function suddenEnd(cutter: JsonCutter): string {
  if (cutter.isEmpty) return 'The problem is empty: there is no text.'
  return `Line ${cutter.line}: the text ends in the middle of ${cutter.inside}; the file is cut off.`
}

/** NDJSON that lost its last lines still looks complete; only its header can tell. */
function checkLines({ lines, expected }: State): void {
  if (expected === undefined && lines === 0) {
    throw new ProblemError(
      'There are no residents: JSON lists them in residents, NDJSON has one a line behind the header, or says "residentCount": 0 in it.',
    )
  }
  if (expected === undefined || expected === lines) return
  throw new ProblemError(`There are ${lines} residents, but the header says ${expected}: lines are missing.`)
}
