import { ProblemError } from './problem.ts'
import { describe } from './problem-file.ts'
import type { UseCharges } from './tighten.ts'

/** Charges in a result file: shared account id → the charge of each of its uses, times `scale`. */
export interface ChargesFile {
  /** A power of two, also below 1. */
  readonly scale: number
  readonly accounts: Readonly<Record<string, readonly number[]>>
}

/** The largest charge a file may list. */
const LARGEST = 2 ** 31 - 1

/** The file content of charges; `ids` are those of the shared accounts. */
export function writeCharges(ids: readonly string[], charges: UseCharges): ChargesFile {
  const { accounts, starts, amounts, scale } = charges
  const lists = [...accounts].map((account, place) => {
    return [ids[account]!, [...amounts.subarray(starts[place], starts[place + 1])]] as const
  })
  return { scale, accounts: Object.fromEntries(lists) }
}

/**
 * Reads the parsed JSON of charges. Checks shape and ids only and throws `ProblemError` with one sentence
 * about the first thing that is wrong.
 */
export function readCharges(ids: readonly string[], value: unknown): UseCharges {
  const { scale, accounts: byId } = asRecord(value, 'charges')
  if (!isPowerOfTwo(scale)) {
    throw new ProblemError(`charges.scale must be a power of two from 2^−60 to 2^60, not ${describe(scale)}.`)
  }
  const record = asRecord(byId, 'charges.accounts')
  const known = new Set(ids)
  const unknown = Object.keys(record).find((id) => !known.has(id))
  if (unknown !== undefined) throw new ProblemError(`charges.accounts["${unknown}"] is of no account.`)
  const accounts: number[] = []
  const starts = [0]
  const amounts: number[] = []
  for (const [account, id] of ids.entries()) {
    if (!Object.hasOwn(record, id)) continue
    accounts.push(account)
    for (const amount of asList(record[id], `charges.accounts["${id}"]`)) amounts.push(amount)
    starts.push(amounts.length)
  }
  return {
    accounts: Int32Array.from(accounts),
    starts: Int32Array.from(starts),
    amounts: Int32Array.from(amounts),
    scale,
  }
}

function isPowerOfTwo(value: unknown): value is number {
  for (let power = 2 ** -60; power <= 2 ** 60; power *= 2) if (power === value) return true
  return false
}

function asList(value: unknown, path: string): number[] {
  if (!Array.isArray(value)) throw new ProblemError(`${path} must be a list, not ${describe(value)}.`)
  const wrong = value.find((charge) => !(Number.isInteger(charge) && charge >= 0 && charge <= LARGEST))
  if (wrong !== undefined) {
    throw new ProblemError(`${path} must list integers from 0 to ${LARGEST}, not ${describe(wrong)}.`)
  }
  return value
}

function asRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new ProblemError(`${path} must be an object, not ${describe(value)}.`)
}
