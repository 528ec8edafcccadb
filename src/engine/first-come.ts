import { type Assignment, emptyAssignment, fits, take } from './assignment.ts'
import type { ProblemRows } from './problem.ts'
import { lot } from './random.ts'

/**
 * The baseline every run is compared with: needs arrive in `order` (a permutation of need indices, or a
 * part of one) and each takes the option of highest utility that still fits. Equal options are drawn by
 * the lottery of `seed`.
 */
export function firstComeFirstServed(rows: ProblemRows, order: Int32Array, seed = 0): Assignment {
  const assignment = emptyAssignment(rows)
  for (const need of order) {
    if (assignment.choice[need]! >= 0) continue
    const option = bestFitting(rows, assignment, need, seed)
    if (option >= 0) take(rows, assignment, need, option)
  }
  return assignment
}

/** The fitting option of highest utility, or −1. */
export function bestFitting(rows: ProblemRows, assignment: Assignment, need: number, seed: number): number {
  let best = -1
  const last = rows.needOptions[need + 1]!
  for (let option = rows.needOptions[need]!; option < last; option++) {
    if (best >= 0) {
      const ahead = rows.utilities[option]! - rows.utilities[best]!
      if (ahead < 0 || (ahead === 0 && lot(seed, option) >= lot(seed, best))) continue
    }
    if (fits(rows, assignment, option)) best = option
  }
  return best
}
