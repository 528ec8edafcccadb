import { createProblemBuilder, type Problem, type ProblemBuilder, ProblemError } from './problem.ts'
import type { Solution } from './solve.ts'

/** The stable exchange format of a problem; ids are strings, amounts integers in 0 .. 2^53 − 1. */
export interface ProblemFile {
  readonly format: 'lifecircle-problem/1'
  readonly accounts: readonly AccountEntry[]
  readonly residents: readonly ResidentEntry[]
}
export interface AccountEntry {
  readonly id: string
  readonly limit: number
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

/** The stable exchange format of a result. */
export interface ResultFile {
  readonly format: 'lifecircle-result/1'
  readonly value: number
  readonly bound: number
  readonly gap: number
  /** Shared account id → utility per unit, exact (an integer over a power of two). */
  readonly prices: Readonly<Record<string, number>>
  /** Need id → option id, or null when unmet. */
  readonly assignment: Readonly<Record<string, string | null>>
  readonly rounds: number
  readonly seconds?: number
  readonly peakMemoryMb?: number
}

/**
 * Reads the parsed JSON of a problem file. Throws `ProblemError` with one sentence that names the path
 * and field (or the ids) of the first thing that is wrong. Fields it does not know are ignored, except
 * `floor`: to ignore a floor would be to give a wrong answer.
 */
export function readProblem(value: unknown): Problem {
  const file = asRecord(value, 'The problem')
  checkFormat(file, 'lifecircle-problem/1')
  const builder = createProblemBuilder()
  const shared = new Map<string, number>()
  asList(file, 'accounts', '').forEach((entry, i) => {
    const { id, limit } = readAccount(entry, `accounts[${i}]`)
    shared.set(id, builder.account(id, limit))
  })
  asList(file, 'residents', '').forEach((entry, i) => {
    readResident(builder, shared, entry, `residents[${i}]`)
  })
  return builder.build()
}

/** The file content of a problem; `readProblem` gives the same problem back. */
export function writeProblem(problem: Problem): ProblemFile {
  const { names } = problem
  return {
    format: 'lifecircle-problem/1',
    accounts: names.accounts.map((id, k) => ({ id, limit: problem.limits[k]! })),
    residents: names.residents.map((id, resident) => ({
      id,
      accounts: range(problem.residentAccounts, resident).map((account) => ({
        id: names.privateAccounts[account]!,
        limit: problem.privateLimits[account]!,
      })),
      needs: range(problem.residentNeeds, resident).map((need) => ({
        id: names.needs[need]!,
        options: range(problem.needOptions, need).map((option) => writeOption(problem, option)),
      })),
    })),
  }
}

/** The file content of a solution, with what the caller measured, if anything. */
export function writeResult(
  problem: Problem,
  solution: Solution,
  measured: { readonly seconds?: number; readonly peakMemoryMb?: number } = {},
): ResultFile {
  const { names } = problem
  const { value, bound, gap, rounds, prices, scale, choice } = solution
  return {
    format: 'lifecircle-result/1',
    value,
    bound,
    gap,
    prices: Object.fromEntries(names.accounts.map((id, k) => [id, prices[k]! / scale])),
    assignment: Object.fromEntries(
      names.needs.map((id, need) => [id, choice[need]! < 0 ? null : names.options[choice[need]!]!]),
    ),
    rounds,
    ...measured,
  }
}

/**
 * Reads the parsed JSON of a result of `problem`. Checks shape and ids only (`certify` checks the truth
 * of it) and throws `ProblemError` with one sentence about the first thing that is wrong.
 */
export function readResult(problem: Problem, value: unknown): Solution {
  const file = asRecord(value, 'The result')
  checkFormat(file, 'lifecircle-result/1')
  const [claimed, bound, gap, rounds] = ['value', 'bound', 'gap', 'rounds'].map((field) => {
    return asNumber(file[field], field)
  }) as [number, number, number, number]
  const assignment = asRecord(file.assignment, 'assignment')
  const choice = Int32Array.from(problem.names.needs, (id, need) => readChoice(problem, assignment, id, need))
  const entries = asRecord(file.prices, 'prices')
  const figures = problem.names.accounts.map((id) => asNumber(own(entries, id), `prices["${id}"]`))
  const scale = scaleOf(figures)
  return {
    choice,
    value: claimed,
    bound,
    gap,
    rounds,
    scale,
    prices: Float64Array.from(figures, (price) => price * scale),
  }
}

type Json = Record<string, unknown>

function readResident(
  builder: ProblemBuilder,
  shared: Map<string, number>,
  value: unknown,
  path: string,
): void {
  const resident = asRecord(value, path)
  builder.resident(asText(resident, 'id', path))
  const privates = new Map<string, number>()
  asList(resident, 'accounts', path).forEach((entry, i) => {
    const { id, limit } = readAccount(entry, `${path}.accounts[${i}]`)
    privates.set(id, builder.privateAccount(id, limit))
  })
  asList(resident, 'needs', path).forEach((entry, i) => {
    const place = `${path}.needs[${i}]`
    const need = asRecord(entry, place)
    builder.need(asText(need, 'id', place))
    asList(need, 'options', place).forEach((option, j) => {
      readOption(builder, shared, privates, option, `${place}.options[${j}]`)
    })
  })
}

function readOption(
  builder: ProblemBuilder,
  shared: ReadonlyMap<string, number>,
  privates: ReadonlyMap<string, number>,
  value: unknown,
  path: string,
): void {
  const option = asRecord(value, path)
  const utility = asNumber(option.utility, `${path}.utility`)
  const uses = readUses(option, 'uses', shared, path)
  const privateUses = readUses(option, 'privateUses', privates, path)
  builder.option(asText(option, 'id', path), utility, uses, privateUses)
}

function readAccount(value: unknown, path: string): AccountEntry {
  const account = asRecord(value, path)
  if (account.floor !== undefined) {
    throw new ProblemError(
      `${path}.floor: floors are not supported yet; remove the field to solve without it.`,
    )
  }
  return { id: asText(account, 'id', path), limit: asNumber(account.limit, `${path}.limit`) }
}

function readUses(
  option: Json,
  field: string,
  accounts: ReadonlyMap<string, number>,
  path: string,
): [number, number][] {
  return Object.entries(asRecord(option[field], `${path}.${field}`)).map(([id, amount]) => {
    const account = accounts.get(id)
    const place = `${path}.${field}["${id}"]`
    if (account === undefined) throw new ProblemError(`${place}: there is no such account here.`)
    return [account, asNumber(amount, place)]
  })
}

function readChoice(problem: Problem, assignment: Json, id: string, need: number): number {
  const pick = own(assignment, id)
  if (pick === null) return -1
  const option = range(problem.needOptions, need).find((o) => problem.names.options[o] === pick)
  if (option !== undefined) return option
  throw new ProblemError(`assignment["${id}"] must be the id of one of the need's options or null.`)
}

function writeOption(problem: Problem, option: number): OptionEntry {
  const { names } = problem
  const uses = range(problem.optionUses, option).map((use) => {
    return [names.accounts[problem.useAccounts[use]!]!, problem.useAmounts[use]!] as const
  })
  const privateUses = range(problem.optionPrivateUses, option).map((use) => {
    return [
      names.privateAccounts[problem.privateUseAccounts[use]!]!,
      problem.privateUseAmounts[use]!,
    ] as const
  })
  return {
    id: names.options[option]!,
    utility: problem.utilities[option]!,
    uses: Object.fromEntries(uses),
    privateUses: Object.fromEntries(privateUses),
  }
}

/** The smallest power of two over which all prices are integers. */
function scaleOf(prices: readonly number[]): number {
  let scale = 1
  while (prices.some((price) => !Number.isInteger(price * scale))) {
    scale *= 2
    if (scale > 2 ** 1000) throw new ProblemError('prices: the prices are not on a common scale.')
  }
  return scale
}

function range(starts: Int32Array, row: number): number[] {
  const first = starts[row]!
  return Array.from({ length: starts[row + 1]! - first }, (_, i) => first + i)
}

/** A field by a name that comes from outside, which may be `__proto__`. */
function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function checkFormat(file: Json, format: string): void {
  if (file.format === format) return
  throw new ProblemError(`The field format must be "${format}", not ${JSON.stringify(file.format)}.`)
}

function asRecord(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new ProblemError(`${path} must be an object, not ${describe(value)}.`)
}

function asList(parent: Json, field: string, path: string): unknown[] {
  const value = parent[field]
  if (Array.isArray(value)) return value
  throw new ProblemError(
    `${path === '' ? field : `${path}.${field}`} must be a list, not ${describe(value)}.`,
  )
}

function asText(parent: Json, field: string, path: string): string {
  const value = parent[field]
  if (typeof value === 'string') return value
  throw new ProblemError(`${path}.${field} must be a text, not ${describe(value)}.`)
}

function asNumber(value: unknown, path: string): number {
  if (typeof value === 'number') return value
  throw new ProblemError(`${path} must be a number, not ${describe(value)}.`)
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `${JSON.stringify(value)}`
}
