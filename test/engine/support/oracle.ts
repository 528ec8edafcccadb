import { assignmentOf, emptyAssignment, fits, release, take } from '../../../src/engine/assignment.ts'
import { needCount, type ProblemRows } from '../../../src/engine/problem.ts'

/** The optimum by plain enumeration of every assignment; for tiny problems only. */
export function bruteForceOptimum(rows: ProblemRows): number {
  const assignment = emptyAssignment(rows)
  let best = 0
  const visit = (need: number): void => {
    if (assignment.value > best) best = assignment.value
    if (need === needCount(rows)) return
    visit(need + 1)
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (!fits(rows, assignment, option)) continue
      take(rows, assignment, need, option)
      visit(need + 1)
      release(rows, assignment, need)
    }
  }
  visit(0)
  return best
}

/** Whether a choice stays within every account and picks each need's own options. */
export function isFeasible(rows: ProblemRows, choice: Int32Array): boolean {
  const own = choice.every(
    (option, need) =>
      option === -1 || (option >= rows.needOptions[need]! && option < rows.needOptions[need + 1]!),
  )
  if (!own) return false
  const { room, privateRoom } = assignmentOf(rows, choice)
  return room.every((left) => left >= 0) && privateRoom.every((left) => left >= 0)
}

export function totalUtility(rows: ProblemRows, choice: Int32Array): number {
  return choice.reduce((sum, option) => sum + (option < 0 ? 0 : rows.utilities[option]!), 0)
}
