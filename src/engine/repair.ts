import { type Assignment, fits, take } from './assignment.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { lot } from './random.ts'

/** An option's utility minus what its uses of shared accounts are worth at `prices`. */
export function reducedValue(rows: ProblemRows, prices: Float64Array, option: number): number {
  let value = rows.utilities[option]!
  const last = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < last; use++) {
    value -= rows.useAmounts[use]! * prices[rows.useAccounts[use]!]!
  }
  return value
}

/**
 * Turns what the needs want into something feasible: the wanted options (option or −1 per need) are
 * taken in the order of their reduced value as long as they fit, then every need still unmet takes its
 * best-priced option that fits. Only adds to `assignment`.
 */
export function repair(
  rows: ProblemRows,
  assignment: Assignment,
  wanted: Int32Array,
  prices: Float64Array,
  seed: number,
): void {
  for (const need of byReducedValue(rows, assignment, wanted, prices, seed)) {
    if (fits(rows, assignment, wanted[need]!)) take(rows, assignment, need, wanted[need]!)
  }
  fill(rows, assignment, prices, seed)
}

/** Serves unmet needs out of the room that is left, best-priced first. Only adds to `assignment`. */
export function fill(rows: ProblemRows, assignment: Assignment, prices: Float64Array, seed: number): void {
  const wanted = assignment.choice.map((choice, need) =>
    choice < 0 ? bestFittingPriced(rows, assignment, need, prices) : -1,
  )
  for (const need of byReducedValue(rows, assignment, wanted, prices, seed)) {
    const option = bestFittingPriced(rows, assignment, need, prices)
    if (option >= 0) take(rows, assignment, need, option)
  }
}

/** Unmet needs that want something, by falling reduced value; equal ones by lot. */
function byReducedValue(
  rows: ProblemRows,
  assignment: Assignment,
  wanted: Int32Array,
  prices: Float64Array,
  seed: number,
): Int32Array {
  const value = new Float64Array(needCount(rows))
  const order: number[] = []
  for (let need = 0; need < wanted.length; need++) {
    if (assignment.choice[need]! >= 0 || wanted[need]! < 0) continue
    value[need] = reducedValue(rows, prices, wanted[need]!)
    order.push(need)
  }
  return Int32Array.from(order).sort((a, b) => value[b]! - value[a]! || lot(seed, a) - lot(seed, b))
}

/** The fitting option of highest reduced value that is worth something, by itself or at the prices; or −1. */
function bestFittingPriced(
  rows: ProblemRows,
  assignment: Assignment,
  need: number,
  prices: Float64Array,
): number {
  let best = -1
  let bestValue = Number.NEGATIVE_INFINITY
  const last = rows.needOptions[need + 1]!
  for (let option = rows.needOptions[need]!; option < last; option++) {
    if (!fits(rows, assignment, option)) continue
    const value = reducedValue(rows, prices, option)
    if (value <= bestValue || (rows.utilities[option] === 0 && value <= 0)) continue
    bestValue = value
    best = option
  }
  return best
}
