/** What a peer's answer is worth by our own count: solvers round, and print their figures with tolerances. */
import { emptyAssignment, fits, take } from '../../src/engine/assignment.ts'
import { unmetFloors } from '../../src/engine/floors.ts'
import { needCount, type ProblemRows } from '../../src/engine/problem.ts'

/** What came of asking a peer. */
export interface PeerOutcome {
  peer: string
  /** In the peer's words. */
  status: string
  /** Null where it found nothing in time, or nothing that is feasible. */
  value: number | null
  seconds: number
}

/** What a peer says: its status, and the options it chose or null where it has no answer. */
export interface PeerAnswer {
  status: string
  chosen: readonly number[] | null
}

/** The status and the value of an answer, checked against every limit and floor. */
export function judge(
  rows: ProblemRows,
  { status, chosen }: PeerAnswer,
): Pick<PeerOutcome, 'status' | 'value'> {
  if (chosen === null) return { status, value: null }
  const value = worthOf(rows, chosen)
  return { status: value === null ? `${status}, but not feasible` : status, value }
}

/** The total utility, or null where the options do not fit together. */
function worthOf(rows: ProblemRows, chosen: readonly number[]): number | null {
  const assignment = emptyAssignment(rows)
  const needs = needsOf(rows)
  for (const option of chosen) {
    const need = needs[option]
    if (need === undefined || assignment.choice[need]! >= 0 || !fits(rows, assignment, option)) return null
    take(rows, assignment, need, option)
  }
  return unmetFloors(rows, assignment.choice).length === 0 ? assignment.value : null
}

/** Option → need. */
function needsOf({ needOptions, utilities, ...rest }: ProblemRows): Int32Array {
  const needs = new Int32Array(utilities.length)
  for (let need = 0; need < needCount({ needOptions, utilities, ...rest }); need++) {
    needs.fill(need, needOptions[need], needOptions[need + 1])
  }
  return needs
}
