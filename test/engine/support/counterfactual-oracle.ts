import { emptyAssignment, fits, release, take } from '../../../src/engine/assignment.ts'
import type { AccountRef } from '../../../src/engine/neighborhood-problem.ts'
import { needCount, type ProblemRows } from '../../../src/engine/problem.ts'

/**
 * By plain enumeration, for tiny problems only: per need, the smallest raise of one account under which every
 * best assignment serves it; −1 if there is none. What the assignments use of an account is at least its
 * floor, or what `choice` uses if that is less.
 */
export function smallestRaises(rows: ProblemRows, raised: AccountRef, choice: Int32Array): number[] {
  const assignment = emptyAssignment(rows)
  const rooms = raised.kind === 'shared' ? assignment.room : assignment.privateRoom
  const start = rooms[raised.account]!
  rooms[raised.account] = start + BOUNDLESS
  const floors = floorsHeldBy(rows, choice)
  /** Raise → best value at exactly that raise: serving the need or not. */
  const serving = noneYet(rows)
  const leaving = noneYet(rows)
  const visit = (need: number): void => {
    if (need === needCount(rows)) {
      if (!floors.every((floor, account) => rows.limits[account]! - roomAt(account) >= floor)) return
      const raise = Math.max(0, BOUNDLESS - rooms[raised.account]!)
      assignment.choice.forEach((option, n) => {
        const best = (option >= 0 ? serving : leaving)[n]!
        best.set(raise, Math.max(best.get(raise) ?? -1, assignment.value))
      })
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
  const roomAt = (account: number) =>
    assignment.room[account]! - (raised.kind === 'shared' && raised.account === account ? BOUNDLESS : 0)
  visit(0)
  return serving.map((best, need) => firstRaise(best, leaving[need]!))
}

/** More than small problems can use. */
const BOUNDLESS = 1000

const noneYet = (rows: ProblemRows) =>
  Array.from({ length: needCount(rows) }, () => new Map<number, number>())

function floorsHeldBy(rows: ProblemRows, choice: Int32Array): number[] {
  const used = new Array<number>(rows.limits.length).fill(0)
  for (const option of choice) {
    if (option < 0) continue
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      used[rows.useAccounts[use]!]! += rows.useAmounts[use]!
    }
  }
  return used.map((amount, account) => Math.min(amount, rows.floors[account]!))
}

function firstRaise(serving: Map<number, number>, leaving: Map<number, number>): number {
  const upTo = (best: Map<number, number>, raise: number) =>
    Math.max(-1, ...[...best].filter(([at]) => at <= raise).map(([, value]) => value))
  const raises = [...serving.keys()].sort((a, b) => a - b)
  return raises.find((raise) => upTo(serving, raise) > upTo(leaving, raise)) ?? -1
}
