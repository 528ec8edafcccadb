import { createProblemBuilder, type Problem, type ProblemBuilder, ProblemError } from './problem.ts'

/** The stable exchange format of a problem; ids are strings, amounts integers in 0 .. 2^53 − 1. */
export interface ProblemFile {
  readonly format: 'lifecircle-problem/1'
  readonly accounts: readonly AccountEntry[]
  readonly residents: readonly ResidentEntry[]
}
export interface AccountEntry {
  readonly id: string
  readonly limit: number
  /** Least that the uses of a shared account must add up to; none if missing or 0. Private accounts have none. */
  readonly floor?: number
}
export interface ResidentEntry {
  readonly id: string
  readonly accounts: readonly AccountEntry[]
  readonly needs: readonly NeedEntry[]
}
export interface NeedEntry {
  readonly id: string
  readonly options: readonly OptionEntry[]
}
export interface OptionEntry {
  readonly id: string
  readonly utility: number
  /** Shared account id → amount. */
  readonly uses: Readonly<Record<string, number>>
  /** Private account id → amount. */
  readonly privateUses: Readonly<Record<string, number>>
}

/**
 * Reads the parsed parts of a problem file, however they got here. Every call throws `ProblemError` with one
 * sentence that names path and field of the first thing that is wrong. Unknown fields are ignored, except a
 * private account's `floor`: to ignore a floor would be to give a wrong answer.
 */
export interface ProblemReader {
  format(value: unknown): void
  /** The next item of `accounts`; all of them come before the first resident. */
  account(value: unknown): void
  /** The next resident, at `path`; an empty path stands for the resident itself. */
  resident(value: unknown, path: string): void
  /** The problem. The reader must not be used afterwards. */
  build(): Problem
}

/** Reads the parsed JSON of a whole problem file; throws `ProblemError` as `ProblemReader` does. */
export function readProblem(value: unknown): Problem {
  const file = asRecord(value, 'The problem')
  const reader = createProblemReader()
  reader.format(file.format)
  for (const account of asList(file.accounts, 'accounts')) reader.account(account)
  asList(file.residents, 'residents').forEach((entry, i) => {
    reader.resident(entry, `residents[${i}]`)
  })
  return reader.build()
}

/** Starts reading a problem. */
export function createProblemReader(): ProblemReader {
  const state: State = {
    builder: createProblemBuilder(),
    shared: new Map(),
    own: new Map(),
    place: { root: '', need: -1, option: -1 },
  }
  return {
    format: checkFormat,
    account: (value) => named(state, `accounts[${state.shared.size}]`, () => readAccount(state, value, '')),
    resident: (value, path) => named(state, path, () => readResident(state, value)),
    build: () => state.builder.build(),
  }
}

type Json = Record<string, unknown>

interface State {
  readonly builder: ProblemBuilder
  /** Id of a shared account → its number. */
  readonly shared: Map<string, number>
  /** The same for the private accounts of the resident being read. */
  readonly own: Map<string, number>
  /** What is being read; paths are spelled out only when something is wrong. */
  readonly place: { root: string; need: number; option: number }
}

/** A refusal that says by itself where it belongs, unlike the builder's. */
class Misfit extends ProblemError {}

/** Reads the part at `root`, and turns what is wrong with it into a `ProblemError` that names the place. */
function named(state: State, root: string, read: () => void): void {
  Object.assign(state.place, { root, need: -1, option: -1 })
  try {
    read()
  } catch (error) {
    if (error instanceof Misfit || !(error instanceof ProblemError)) throw error
    const path = at(state)
    throw new ProblemError(path === '' ? error.message : `${path}: ${error.message}`)
  }
}

/** The path of a field of what is being read. */
function at({ place }: State, field = ''): string {
  const steps = [place.root]
  if (place.need >= 0) steps.push(`needs[${place.need}]`)
  if (place.option >= 0) steps.push(`options[${place.option}]`)
  steps.push(field)
  return steps.filter((step) => step !== '').join('.')
}

function readResident(state: State, value: unknown): void {
  const { builder, place, own } = state
  const resident = asRecord(value, at(state) || 'The resident')
  builder.resident(asText(resident.id, at(state, 'id')))
  own.clear()
  asList(resident.accounts, at(state, 'accounts')).forEach((entry, i) => {
    readAccount(state, entry, `accounts[${i}]`)
  })
  const needs = asList(resident.needs, at(state, 'needs'))
  for (place.need = 0; place.need < needs.length; place.need++) readNeed(state, needs[place.need])
}

function readNeed(state: State, value: unknown): void {
  const { place } = state
  const need = asRecord(value, at(state))
  state.builder.need(asText(need.id, at(state, 'id')))
  const options = asList(need.options, at(state, 'options'))
  for (place.option = 0; place.option < options.length; place.option++) {
    readOption(state, options[place.option])
  }
  place.option = -1
}

function readOption(state: State, value: unknown): void {
  if (!isRecord(value)) misfit(at(state), 'an object', value)
  const { id, utility } = value
  if (typeof id !== 'string') misfit(at(state, 'id'), 'a text', id)
  if (!isAmount(utility)) misfit(at(state, 'utility'), AN_AMOUNT, utility)
  const uses = readUses(state, 'uses', value.uses, state.shared)
  const privateUses = readUses(state, 'privateUses', value.privateUses, state.own)
  state.builder.option(id, utility, uses, privateUses)
}

/** Reads a shared account (an empty `path`) or a private one of the resident being read. */
function readAccount(state: State, value: unknown, path: string): void {
  const account = asRecord(value, at(state, path))
  const field = (name: string) => at(state, path === '' ? name : `${path}.${name}`)
  const id = asText(account.id, field('id'))
  const { limit, floor } = account
  if (!isAmount(limit)) misfit(field('limit'), AN_AMOUNT, limit)
  if (path === '') {
    if (floor !== undefined && !isAmount(floor)) misfit(field('floor'), AN_AMOUNT, floor)
    state.shared.set(id, state.builder.account(id, limit, floor))
  } else {
    if (floor !== undefined) {
      throw new Misfit(`${field('floor')}: only shared accounts can have a floor, private ones cannot.`)
    }
    state.own.set(id, state.builder.privateAccount(id, limit))
  }
}

function readUses(
  state: State,
  field: 'uses' | 'privateUses',
  value: unknown,
  accounts: ReadonlyMap<string, number>,
): [number, number][] {
  if (!isRecord(value)) return misfit(at(state, field), 'an object', value)
  const uses: [number, number][] = []
  for (const id of Object.keys(value)) {
    const account = accounts.get(id)
    const amount = value[id]
    if (account === undefined) {
      throw new Misfit(`${usePath(state, field, id)}: there is no such account here.`)
    }
    if (!isAmount(amount)) return misfit(usePath(state, field, id), AN_AMOUNT, amount)
    uses.push([account, amount])
  }
  return uses
}

const usePath = (state: State, field: string, id: string): string =>
  `${at(state, field)}[${JSON.stringify(id)}]`

function checkFormat(value: unknown): void {
  if (value === 'lifecircle-problem/1') return
  throw new ProblemError(`The field format must be "lifecircle-problem/1", not ${describe(value)}.`)
}

const AN_AMOUNT = `an integer from 0 to ${Number.MAX_SAFE_INTEGER}`

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function misfit(path: string, wanted: string, value: unknown): never {
  throw new Misfit(`${path} must be ${wanted}, not ${describe(value)}.`)
}

function asRecord(value: unknown, path: string): Json {
  return isRecord(value) ? value : misfit(path, 'an object', value)
}

function asList(value: unknown, path: string): unknown[] {
  return Array.isArray(value) ? value : misfit(path, 'a list', value)
}

function asText(value: unknown, path: string): string {
  return typeof value === 'string' ? value : misfit(path, 'a text', value)
}

/** A value in a sentence; long texts are cut. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}
