import { assignmentOf, emptyAssignment } from './assignment.ts'
import { needCount, type ProblemRows, residentCount } from './problem.ts'
import { createResidentSolver } from './resident.ts'
import { residual } from './residual.ts'

/** A floor that an assignment misses. */
export interface Shortfall {
  /** Index of the shared account. */
  readonly account: number
  readonly floor: number
  /** What the assignment uses of the account. */
  readonly used: number
  /**
   * Why: `too_high` no assignment uses as much of this account, whatever else it does; `contradictory` no
   * assignment meets all floors within all limits; `not_found` neither is proved.
   */
  readonly cause: 'too_high' | 'contradictory' | 'not_found'
}

/** The shared accounts of which `choice` uses less than their floor, in order; empty where all floors hold. */
export function unmetFloors(rows: ProblemRows, choice: Int32Array): number[] {
  const { floors, limits } = rows
  if (floors.every((floor) => floor === 0)) return []
  const { room } = assignmentOf(rows, choice)
  const missed: number[] = []
  for (let account = 0; account < floors.length; account++) {
    if (limits[account]! - room[account]! < floors[account]!) missed.push(account)
  }
  return missed
}

/** Units that the uses of accounts miss to their floors, all together, where `room` is left of the limits. */
export function missingUnits({ floors, limits }: ProblemRows, room: ArrayLike<number>): number {
  let missing = 0
  for (let account = 0; account < floors.length; account++) {
    if (floors[account] !== 0) missing += Math.max(0, floors[account]! - (limits[account]! - room[account]!))
  }
  return missing
}

/**
 * The first floor that `choice` misses, and whether any assignment could meet it; undefined where all hold.
 * `bound` is one that prices prove; below 0 it proves that no assignment is feasible, for none is worth less
 * than 0.
 */
export function firstShortfall(
  rows: ProblemRows,
  { choice, bound }: { readonly choice: Int32Array; readonly bound: number },
): Shortfall | undefined {
  const account = unmetFloors(rows, choice)[0]
  if (account === undefined) return undefined
  const floor = rows.floors[account]!
  const used = rows.limits[account]! - assignmentOf(rows, choice).room[account]!
  if (mostUse(rows, account) < floor) return { account, floor, used, cause: 'too_high' }
  return { account, floor, used, cause: bound < 0 ? 'contradictory' : 'not_found' }
}

/** Search nodes per resident; a cut-off search gives a number that is too high, never one too low. */
const NODES = 20_000

/**
 * A number that no assignment's use of a shared account exceeds: every resident takes as much of it as the
 * private accounts allow, the other shared accounts aside. This is the dual bound of the problem that counts
 * nothing but this use, at prices of 0.
 */
function mostUse(rows: ProblemRows, account: number): number {
  const open = residual(rows, emptyAssignment(rows)).rows
  const solver = createResidentSolver(open, 0)
  const choice = new Int32Array(needCount(open))
  const rewards = new Float64Array(rows.limits.length)
  rewards[account] = -1
  let most = 0
  for (let resident = 0; resident < residentCount(open); resident++) {
    most += solver.solve(resident, rewards, 0, NODES, choice)
  }
  return most
}
