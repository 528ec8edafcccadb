/** Where the parts of an object go while its text arrives. Lines are counted from 1. */
export interface Parts {
  /** A member whose value is not a list, with the text of that value. */
  member(name: string, text: string, line: number): void
  /** A member whose value is a list begins. */
  list(name: string, line: number): void
  /** An item of the list that began last. */
  item(index: number, text: string, line: number): void
  listEnd(): void
}

/** Cuts one JSON object into its members, and the lists among them into items, in the memory of one part. */
export interface JsonCutter {
  /** Reads on. Returns −1 or, once the object is complete, the place in `chunk` right behind it. */
  push(chunk: string): number
  /** The line reached. */
  readonly line: number
  /** Whether nothing but white space has come so far. */
  readonly isEmpty: boolean
  /** What the text was in the middle of, for a sentence about its sudden end. */
  readonly inside: string
}

/** What is wrong with the text, with the line. The message is a sentence. */
export class CutError extends Error {
  readonly line: number

  constructor(line: number, sentence: string) {
    super(sentence)
    this.line = line
  }
}

type Stage =
  | 'start'
  | 'firstName'
  | 'name'
  | 'colon'
  | 'value'
  | 'firstItem'
  | 'item'
  | 'behindItem'
  | 'behind'
type Capture = 'none' | 'name' | 'value' | 'item'

/**
 * A file of gigabytes fits into no string, so `JSON.parse` sees one part of it at a time. What is inside a
 * part is not looked at here beyond finding its end; whoever parses the part finds out whether it is JSON.
 */
export function createJsonCutter(parts: Parts): JsonCutter {
  const state = createState(parts)
  return {
    push(chunk) {
      let at = 0
      if (state.capture !== 'none') at = capture(state, chunk, 0)
      while (at >= 0 && at < chunk.length && !state.done) at = step(state, chunk, at)
      return state.done ? at : -1
    },
    get line() {
      return state.line
    },
    get isEmpty() {
      return state.stage === 'start'
    },
    get inside() {
      if (state.name === '') return 'the problem'
      return state.index >= 0 ? `${state.name}[${state.index}]` : state.name
    },
  }
}

const createState = (parts: Parts) => ({
  parts,
  stage: 'start' as Stage,
  capture: 'none' as Capture,
  /** What earlier chunks held of the part being captured. */
  held: '',
  depth: 0,
  inString: false,
  escaped: false,
  line: 1,
  startLine: 1,
  name: '',
  index: -1,
  done: false,
})
type State = ReturnType<typeof createState>

const NEWLINE = 10
/** Some editors begin a file with it. */
const BYTE_ORDER_MARK = 0xfeff
const isSpace = (c: number): boolean => c === 32 || c === NEWLINE || c === 13 || c === 9

/** Takes what stands at `at`; returns where to go on. */
function step(state: State, chunk: string, at: number): number {
  const c = chunk.charCodeAt(at)
  if (c === NEWLINE) state.line++
  if (isSpace(c) || (c === BYTE_ORDER_MARK && state.stage === 'start')) return at + 1
  const sign = chunk[at]!
  switch (state.stage) {
    case 'start':
      if (sign === '{') return go(state, 'firstName', at)
      throw new CutError(
        state.line,
        `A problem is a JSON object, and this begins with ${JSON.stringify(sign)}.`,
      )
    case 'firstName':
      if (sign === '}') return close(state, at)
      return startName(state, chunk, at)
    case 'name':
      return startName(state, chunk, at)
    case 'colon':
      return sign === ':' ? go(state, 'value', at) : unexpected(state, sign, '":"')
    case 'value':
      if (sign !== '[') return startCapture(state, 'value', chunk, at)
      state.index = 0
      state.parts.list(state.name, state.line)
      return go(state, 'firstItem', at)
    case 'firstItem':
      return sign === ']' ? closeList(state, at) : startCapture(state, 'item', chunk, at)
    case 'item':
      return startCapture(state, 'item', chunk, at)
    case 'behindItem':
      if (sign === ']') return closeList(state, at)
      return sign === ',' ? go(state, 'item', at) : unexpected(state, sign, '"," or "]"')
    case 'behind':
      if (sign === '}') return close(state, at)
      return sign === ',' ? go(state, 'name', at) : unexpected(state, sign, '"," or "}"')
  }
}

function go(state: State, stage: Stage, at: number): number {
  state.stage = stage
  return at + 1
}

function close(state: State, at: number): number {
  state.done = true
  return at + 1
}

function closeList(state: State, at: number): number {
  state.index = -1
  state.parts.listEnd()
  return go(state, 'behind', at)
}

function unexpected(state: State, sign: string, wanted: string): never {
  throw new CutError(state.line, `There is ${JSON.stringify(sign)} where JSON has ${wanted}.`)
}

function startName(state: State, chunk: string, at: number): number {
  if (chunk[at] !== '"') unexpected(state, chunk[at]!, 'the name of a field')
  return startCapture(state, 'name', chunk, at)
}

function startCapture(state: State, kind: Capture, chunk: string, at: number): number {
  state.capture = kind
  state.held = ''
  state.depth = 0
  state.inString = false
  state.escaped = false
  state.startLine = state.line
  return capture(state, chunk, at)
}

/** Goes on with the part being captured; returns where to go on behind it, or −1 if the chunk ended first. */
function capture(state: State, chunk: string, from: number): number {
  const end = findEnd(state, chunk, from)
  if (end < 0) {
    state.held += chunk.slice(from)
    return -1
  }
  const text = state.held + chunk.slice(from, end)
  const kind = state.capture
  state.capture = 'none'
  state.held = ''
  if (kind === 'name') {
    state.name = parseName(state, text)
    state.stage = 'colon'
  } else if (kind === 'value') {
    state.parts.member(state.name, text, state.startLine)
    state.stage = 'behind'
  } else {
    state.parts.item(state.index, text, state.startLine)
    state.index++
    state.stage = 'behindItem'
  }
  return end
}

/** Where the captured part ends: behind a name's quote, or at the sign that no value of this depth can hold. */
function findEnd(state: State, chunk: string, from: number): number {
  let { depth, inString, escaped } = state
  const isName = state.capture === 'name'
  for (let i = from; i < chunk.length; i++) {
    const c = chunk.charCodeAt(i)
    if (inString) {
      if (escaped) escaped = false
      else if (c === 92) escaped = true
      else if (c === 34) {
        inString = false
        if (!isName) continue
        state.inString = false
        return i + 1
      }
    } else if (c === 34) inString = true
    else if (c === 123 || c === 91) depth++
    else if (c === 125 || c === 93) {
      if (--depth < 0) return i
    } else if (c === 44 && depth === 0) return i
    else if (c === NEWLINE) state.line++
  }
  state.depth = depth
  state.inString = inString
  state.escaped = escaped
  return -1
}

function parseName(state: State, text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw new CutError(state.line, `The name ${text} is not valid JSON.`)
  }
}
