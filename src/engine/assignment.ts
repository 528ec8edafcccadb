import { needCount, type ProblemRows } from './problem.ts'

/** A feasible choice of options under construction, with what is left in every account. */
export interface Assignment {
  /** Need → option, or −1. */
  readonly choice: Int32Array
  /** Shared account → what is left of its limit; never negative. */
  readonly room: Float64Array
  /** Private account → what is left of its limit; never negative. */
  readonly privateRoom: Float64Array
  /** Total utility of the chosen options. */
  value: number
}

/** What is left of every account. */
export type Room = Pick<Assignment, 'room' | 'privateRoom'>

/** The assignment that serves nobody. */
export function emptyAssignment(rows: ProblemRows): Assignment {
  return {
    choice: new Int32Array(needCount(rows)).fill(-1),
    room: Float64Array.from(rows.limits),
    privateRoom: Float64Array.from(rows.privateLimits),
    value: 0,
  }
}

/** The assignment that makes `choice`; the choice must be feasible. */
export function assignmentOf(rows: ProblemRows, choice: Int32Array): Assignment {
  const assignment = emptyAssignment(rows)
  for (let need = 0; need < choice.length; need++) {
    if (choice[need]! >= 0) take(rows, assignment, need, choice[need]!)
  }
  return assignment
}

/** Whether `option` fits into what is left. */
export function fits(rows: ProblemRows, { room, privateRoom }: Room, option: number): boolean {
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    if (rows.useAmounts[use]! > room[rows.useAccounts[use]!]!) return false
  }
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    if (rows.privateUseAmounts[use]! > privateRoom[rows.privateUseAccounts[use]!]!) return false
  }
  return true
}

/** Serves an unmet `need` by `option`, which must fit. */
export function take(rows: ProblemRows, assignment: Assignment, need: number, option: number): void {
  moveUses(rows, assignment, option, -1)
  assignment.choice[need] = option
  assignment.value += rows.utilities[option]!
}

/** Undoes `take`: the need is unmet again. */
export function release(rows: ProblemRows, assignment: Assignment, need: number): void {
  const option = assignment.choice[need]!
  moveUses(rows, assignment, option, 1)
  assignment.choice[need] = -1
  assignment.value -= rows.utilities[option]!
}

/** Takes an option's uses out of what is left (`sign` −1), or gives them back to it (1). */
export function moveUses(rows: ProblemRows, { room, privateRoom }: Room, option: number, sign: 1 | -1): void {
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    const account = rows.useAccounts[use]!
    room[account] = room[account]! + sign * rows.useAmounts[use]!
  }
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    const account = rows.privateUseAccounts[use]!
    privateRoom[account] = privateRoom[account]! + sign * rows.privateUseAmounts[use]!
  }
}
