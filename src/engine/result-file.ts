import { canonicalJson } from './canonical-json.ts'
import { unmetFloors } from './floors.ts'
import { type Problem, ProblemError } from './problem.ts'
import { describe } from './problem-file.ts'
import { problemDigest } from './problem-lines.ts'
import { type ChargesFile, readCharges, writeCharges } from './result-charges.ts'
import { createSha256 } from './sha256.ts'
import type { Solution } from './solve.ts'

/** The stable exchange format of a result. */
export interface ResultFile extends Measured {
  readonly format: 'lifecircle-result/1'
  /** Digest of the problem (`problemDigest`). */
  readonly problem: string
  readonly value: number
  readonly bound: number
  readonly gap: number
  /**
   * Shared account id → utility per unit, exact (an integer over a power of two). Below 0 only where the
   * account has a floor: what a unit less of that floor would give.
   */
  readonly prices: Readonly<Record<string, number>>
  /** Where a bound is tightened by charges: those of every use of some shared accounts. */
  readonly charges?: ChargesFile
  /** Need id → option id, or null when unmet. */
  readonly assignment: Readonly<Record<string, string | null>>
  readonly rounds: number
  /** SHA-256 of the canonical JSON (RFC 8785) of all other fields: an accidental change does not go unseen. */
  readonly hash: string
}

/** What the caller knows of a run, if anything. */
export interface Measured {
  readonly seed?: number
  readonly seconds?: number
  readonly peakMemoryMb?: number
}

/** The file content of a solution. Throws `RangeError` if it misses a floor: then there is no result. */
export function writeResult(problem: Problem, solution: Solution, measured: Measured = {}): ResultFile {
  const { names } = problem
  const { value, bound, gap, rounds, prices, scale, choice, charges } = solution
  if (solution.unmetFloors.length > 0) throw new RangeError('A solution that misses a floor is no result.')
  const content = {
    format: 'lifecircle-result/1' as const,
    problem: problemDigest(problem),
    value,
    bound,
    gap,
    rounds,
    ...measured,
    // Plus 0, so that no −0 comes out of the file as another number than went in.
    prices: Object.fromEntries(names.accounts.map((id, k) => [id, prices[k]! / scale + 0])),
    ...(charges === undefined ? {} : { charges: writeCharges(names.accounts, charges) }),
    assignment: Object.fromEntries(
      names.needs.map((id, need) => [id, choice[need]! < 0 ? null : names.options.at(choice[need]!)!]),
    ),
  }
  return { ...content, hash: resultHash(content) }
}

function resultHash(content: Omit<ResultFile, 'hash'>): string {
  const sha = createSha256()
  canonicalJson(content, sha.text)
  return sha.digest()
}

/**
 * Reads the parsed JSON of a result of `problem`. Checks shape and ids only (`certify` checks the truth
 * of it) and throws `ProblemError` with one sentence about the first thing that is wrong.
 */
export function readResult(problem: Problem, value: unknown): Solution {
  const file = asRecord(value, 'The result')
  if (file.format !== 'lifecircle-result/1') {
    throw new ProblemError(`The field format must be "lifecircle-result/1", not ${describe(file.format)}.`)
  }
  const [claimed, bound, gap, rounds] = ['value', 'bound', 'gap', 'rounds'].map((field) => {
    return asNumber(file[field], field)
  }) as [number, number, number, number]
  const assignment = asRecord(file.assignment, 'assignment')
  const choice = Int32Array.from(problem.names.needs, (id, need) => readChoice(problem, assignment, id, need))
  const entries = asRecord(file.prices, 'prices')
  const figures = problem.names.accounts.map((id) => asNumber(own(entries, id), `prices["${id}"]`))
  const listed = own(file, 'charges')
  const charges = listed === undefined ? undefined : readCharges(problem.names.accounts, listed)
  const scale = scaleOf(figures, Math.max(1, charges?.scale ?? 1))
  return {
    choice,
    value: claimed,
    bound,
    gap,
    rounds,
    scale,
    prices: Float64Array.from(figures, (price) => price * scale),
    unmetFloors: unmetFloors(problem, choice),
    ...(charges === undefined ? {} : { charges }),
  }
}

type Json = Record<string, unknown>

function readChoice(problem: Problem, assignment: Json, id: string, need: number): number {
  const pick = own(assignment, id)
  if (pick === null) return -1
  for (let option = problem.needOptions[need]!; option < problem.needOptions[need + 1]!; option++) {
    if (problem.names.options.at(option) === pick) return option
  }
  throw new ProblemError(`assignment["${id}"] must be the id of one of the need's options or null.`)
}

/** The smallest power of two from `least` on over which all prices are integers. */
function scaleOf(prices: readonly number[], least: number): number {
  let scale = least
  while (prices.some((price) => !Number.isInteger(price * scale))) {
    scale *= 2
    if (scale > 2 ** 1000) throw new ProblemError('prices: the prices are not on a common scale.')
  }
  return scale
}

/** A field by a name that comes from outside, which may be `__proto__`. */
function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function asRecord(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new ProblemError(`${path} must be an object, not ${describe(value)}.`)
}

function asNumber(value: unknown, path: string): number {
  if (typeof value === 'number') return value
  throw new ProblemError(`${path} must be a number, not ${describe(value)}.`)
}
