import {
  type Assignment,
  assignmentOf,
  emptyAssignment,
  fits,
  release,
  take,
} from '../../../src/engine/assignment.ts'
import { needCount, type ProblemRows, residentCount } from '../../../src/engine/problem.ts'

/** The optimum by plain enumeration of every assignment, of a problem without floors; for tiny problems only. */
export function bruteForceOptimum(rows: ProblemRows): number {
  return bruteForceBest(rows)!.value
}

/** A best assignment of those that meet every floor, by plain enumeration; undefined where none does. */
export function bruteForceBest(rows: ProblemRows): { value: number; choice: Int32Array } | undefined {
  let best: { value: number; choice: Int32Array } | undefined
  forEachAssignment(rows, 0, needCount(rows), ({ value, choice, room }) => {
    if (best !== undefined && value <= best.value) return
    if (floorsHold(rows, room)) best = { value, choice: choice.slice() }
  })
  return best
}

/**
 * The most utility that the needs of `stage` can get while every earlier stage keeps `kept`, by plain
 * enumeration of the whole problem; undefined where no assignment meets all floors.
 */
export function bestOfStage(
  rows: ProblemRows,
  stageOfNeed: readonly number[],
  stage: number,
  kept: readonly number[],
): number | undefined {
  let best: number | undefined
  forEachAssignment(rows, 0, needCount(rows), ({ choice, room }) => {
    const gets = new Float64Array(stage + 1)
    for (const [need, option] of choice.entries()) {
      if (option >= 0 && stageOfNeed[need]! <= stage) gets[stageOfNeed[need]!]! += rows.utilities[option]!
    }
    if (kept.some((floor, earlier) => gets[earlier]! < floor) || !floorsHold(rows, room)) return
    best = Math.max(best ?? 0, gets[stage]!)
  })
  return best
}

/**
 * The bound that integer prices over `scale` prove, by plain enumeration of what every resident could choose
 * alone; rounded down.
 */
export function bruteForceBound(rows: ProblemRows, prices: ArrayLike<number>, scale: number): number {
  let bound = 0
  for (let k = 0; k < rows.limits.length; k++) {
    bound += prices[k]! * (prices[k]! < 0 ? rows.floors[k]! : rows.limits[k]!)
  }
  for (let resident = 0; resident < residentCount(rows); resident++) {
    // Residents do not compete in the relaxation, but every option has to fit into the accounts by itself.
    const free = { ...rows, limits: new Float64Array(rows.limits.length).fill(2 ** 40) }
    let most = 0
    forEachAssignment(
      free,
      rows.residentNeeds[resident]!,
      rows.residentNeeds[resident + 1]!,
      ({ value, choice, room }) => {
        const taken = [...choice].filter((option) => option >= 0)
        if (!taken.every((option) => fits(rows, emptyAssignment(rows), option))) return
        const paid = room.reduce((sum, left, k) => sum + (free.limits[k]! - left) * prices[k]!, 0)
        most = Math.max(most, value * scale - paid)
      },
    )
    bound += most
  }
  return Math.floor(bound / scale)
}

function forEachAssignment(
  rows: ProblemRows,
  firstNeed: number,
  lastNeed: number,
  see: (assignment: Assignment) => void,
): void {
  const assignment = emptyAssignment(rows)
  const visit = (need: number): void => {
    if (need === lastNeed) {
      see(assignment)
      return
    }
    visit(need + 1)
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (!fits(rows, assignment, option)) continue
      take(rows, assignment, need, option)
      visit(need + 1)
      release(rows, assignment, need)
    }
  }
  visit(firstNeed)
}

const floorsHold = ({ limits, floors }: ProblemRows, room: Float64Array): boolean =>
  room.every((left, account) => limits[account]! - left >= floors[account]!)

/** Whether a choice stays within every account, meets every floor and picks each need's own options. */
export function isFeasible(rows: ProblemRows, choice: Int32Array): boolean {
  const own = choice.every(
    (option, need) =>
      option === -1 || (option >= rows.needOptions[need]! && option < rows.needOptions[need + 1]!),
  )
  if (!own) return false
  const { room, privateRoom } = assignmentOf(rows, choice)
  return floorsHold(rows, room) && room.every((left) => left >= 0) && privateRoom.every((left) => left >= 0)
}

export function totalUtility(rows: ProblemRows, choice: Int32Array): number {
  return choice.reduce((sum, option) => sum + (option < 0 ? 0 : rows.utilities[option]!), 0)
}
