/** Solving under fairness floors that may ask for more than there is. */
import { assignmentOf } from '../../engine/assignment.ts'
import { amountColumn } from '../../engine/column.ts'
import type { ProblemRows } from '../../engine/problem.ts'

interface FlooredSolution {
  choice: Int32Array
  unmetFloors: readonly number[]
}

/**
 * Solves; where floors are missed, lowers those to what the answer reaches and solves again, and gives up those that are
 * missed even so. A missed floor would leave later tiers unserved, and no bound would be about the answer.
 * @param solve `start` is an earlier answer, which meets the floors as they are lowered.
 * @returns the answer and the rows that it is an answer to: its floors all hold.
 */
export function holdFloors<Solved extends FlooredSolution>(
  rows: ProblemRows,
  solve: (rows: ProblemRows, start?: Int32Array) => Solved,
): { rows: ProblemRows; solution: Solved } {
  const solution = solve(rows)
  if (solution.unmetFloors.length === 0) return { rows, solution }
  let held = withFloors(rows, solution.unmetFloors, usesOf(rows, solution.choice))
  for (;;) {
    const again = solve(held, solution.choice)
    if (again.unmetFloors.length === 0) return { rows: held, solution: again }
    held = withFloors(held, again.unmetFloors, () => 0)
  }
}

/** The same problem with no floor at all. */
export function withoutFloors(rows: ProblemRows): ProblemRows {
  return withFloors(rows, [...rows.floors.keys()], () => 0)
}

/** How much of an account the choice uses. */
function usesOf(rows: ProblemRows, choice: Int32Array): (account: number) => number {
  const { room } = assignmentOf(rows, choice)
  return (account) => rows.limits[account]! - room[account]!
}

function withFloors(
  rows: ProblemRows,
  accounts: readonly number[],
  floorOf: (account: number) => number,
): ProblemRows {
  const lowered = new Set(accounts)
  // In shared memory like every column, so that threads read it without a copy.
  const floors = amountColumn()
  for (const [account, floor] of rows.floors.entries()) {
    floors.push(lowered.has(account) ? floorOf(account) : floor)
  }
  return { ...rows, floors: floors.trimmed() }
}
