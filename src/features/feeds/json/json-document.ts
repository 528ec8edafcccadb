/** A JSON document of any size, in the memory of one of its objects. */
import type { Token } from 'stream-json/core/parser.js'
import { JsonError } from '../../../engine/strict-json.ts'
import { Refusal } from '../../../platform/errors.ts'
import type { Place } from '../feed-item.ts'
import { readTextPieces, UNREADABLE } from './json-text.ts'
import { createBuilder, createTokenizer, DEEPEST, LONGEST_OBJECT } from './json-values.ts'

/** What a document consists of: the items of its lists, and at the end what else its root object holds. */
export type DocumentPart =
  | { item: unknown; list: string | null; line: number; isReadable: boolean }
  | { root: Record<string, unknown>; line: number; isReadable: boolean }

/**
 * Reads a document whose root is a list, or an object some members of which are lists (`isList` says which by their
 * names); items come one by one, with the name of their list (null: the root is the list). `isReadable` is false for
 * what holds bytes that are not UTF-8.
 *
 * @throws Refusal `invalid_input` with the line, for what is not JSON, ends too early, is nested deeper than 64,
 *   lists a name twice in one object, or has an object of more than 32 Mi characters.
 */
export async function* readDocument(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  isList: (name: string) => boolean,
): AsyncGenerator<DocumentPart> {
  const tokenize = createTokenizer()
  const state = createState(isList)
  for await (const { text, line, endsLine } of readTextPieces(chunks)) {
    state.line = line
    state.held += text.length
    if (text.includes(UNREADABLE)) state.isSuspicious = true
    try {
      if (state.held > LONGEST_OBJECT) throw new JsonError('holds an object of more than 32 Mi characters')
      for (const token of tokenize(endsLine ? `${text}\n` : text)) yield* step(state, token)
    } catch (error) {
      throw error instanceof JsonError ? unreadable({ file, line }, error.message) : error
    }
  }
  if (state.stage !== 'end') {
    throw unreadable({ file, line: state.line }, state.stage === 'start' ? 'is empty' : 'ends in the middle')
  }
}

/** The refusal of a whole document. `reason` continues the sentence "It … ". */
export function unreadable({ file, line }: Place, reason: string): Refusal {
  return new Refusal('invalid_input', `The feed can't be read: ${file}, line ${line}, ${reason}.`, {
    errors: [{ pointer: '/file', message: `line ${line}: it ${reason}` }],
    facts: { file, line },
  })
}

const createState = (isList: (name: string) => boolean) => ({
  isList,
  stage: 'start' as 'start' | 'items' | 'members' | 'value' | 'end',
  builder: null as ReturnType<typeof createBuilder> | null,
  /** Of the value being built. */
  startLine: 1,
  isReadable: true,
  depth: 0,
  /** What stands in the root object beside lists. */
  root: new Map<string, unknown>(),
  rootIsArray: false,
  rootIsReadable: true,
  rootLine: 1,
  member: null as string | null,
  line: 1,
  /** Characters since the last complete item. */
  held: 0,
  /** Some byte was not UTF-8: from here on strings are looked at. */
  isSuspicious: false,
})
type State = ReturnType<typeof createState>

function* step(state: State, token: Token): Generator<DocumentPart> {
  if (token.name === 'startObject' || token.name === 'startArray') state.depth++
  if (token.name === 'endObject' || token.name === 'endArray') state.depth--
  if (state.depth > DEEPEST) throw new JsonError(`is nested more than ${DEEPEST} deep`)
  if (state.builder !== null) yield* build(state, token)
  else if (state.stage === 'start') start(state, token)
  else if (state.stage === 'members') yield* takeMember(state, token)
  else if (state.stage === 'value') yield* takeMemberValue(state, token)
  else if (token.name !== 'endArray') yield* begin(state, token)
  else endList(state)
}

function start(state: State, token: Token): void {
  if (token.name !== 'startArray' && token.name !== 'startObject') {
    throw new JsonError('is neither an object nor a list of objects')
  }
  state.rootIsArray = token.name === 'startArray'
  state.rootLine = state.line
  state.stage = state.rootIsArray ? 'items' : 'members'
}

function* takeMember(state: State, token: Token): Generator<DocumentPart> {
  if (token.name === 'endObject') {
    state.stage = 'end'
    yield { root: Object.fromEntries(state.root), line: state.rootLine, isReadable: state.rootIsReadable }
    return
  }
  state.member = (token as { value: string }).value
  if (state.root.has(state.member)) {
    throw new JsonError(`lists the name ${JSON.stringify(state.member)} twice in one object`)
  }
  state.stage = 'value'
}

function* takeMemberValue(state: State, token: Token): Generator<DocumentPart> {
  if (token.name === 'startArray' && state.isList(state.member!)) {
    state.root.set(state.member!, [])
    state.stage = 'items'
  } else yield* begin(state, token)
}

function endList(state: State): void {
  state.member = null
  state.stage = state.rootIsArray ? 'end' : 'members'
}

function* begin(state: State, token: Token): Generator<DocumentPart> {
  state.builder = createBuilder()
  state.startLine = state.line
  state.isReadable = true
  yield* build(state, token)
}

function* build(state: State, token: Token): Generator<DocumentPart> {
  if (state.isSuspicious && 'value' in token && String(token.value).includes(UNREADABLE)) {
    state.isReadable = false
  }
  if (!state.builder!.take(token)) return
  const { value } = state.builder!
  state.builder = null
  if (state.stage === 'value') {
    state.root.set(state.member!, value)
    state.rootIsReadable &&= state.isReadable
    state.stage = 'members'
    return
  }
  state.held = 0
  yield { item: value, list: state.member, line: state.startLine, isReadable: state.isReadable }
}
