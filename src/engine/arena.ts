import { needCount, optionCount, type ProblemRows } from './problem.ts'
import { reducedValue } from './repair.ts'

/**
 * A problem as a search over small parts of it sees it: shared and private accounts in one row (private
 * ones behind the shared ones), and losses instead of utilities.
 *
 * At prices p, what an assignment is worth lies below the bound of these prices by
 *
 *     Σ_needs regret of its option + Σ_accounts price × room left
 *
 * Both sums have no negative term, so a search that knows how much it may lose can stop early.
 */
export interface Arena {
  readonly rows: ProblemRows
  /** Number of accounts, shared and private. */
  readonly accounts: number
  /** Option → its need. */
  readonly needOf: Int32Array
  /** Option → range of uses, of shared and private accounts alike. */
  readonly optionUses: Int32Array
  readonly useAccounts: Int32Array
  readonly useAmounts: Float64Array
  /** Price per unit; 0 for private accounts. */
  readonly prices: Float64Array
  /** Option → how far its reduced value lies below the need's best (or below 0, the value of nothing). */
  readonly regret: Float64Array
  /** Need → the same of having nothing. */
  readonly regretOfNothing: Float64Array
  /** Need → range of `shortlist`. */
  readonly listStarts: Int32Array
  /** The options of a need that are worth trying, by rising regret. */
  readonly shortlist: Int32Array
}

/** The arena of `rows` at `prices`, with up to `longest` options in every shortlist. */
export function createArena(rows: ProblemRows, prices: Float64Array, longest: number): Arena {
  const accounts = rows.limits.length + rows.privateLimits.length
  const allPrices = new Float64Array(accounts)
  allPrices.set(prices)
  const losses = measureRegrets(rows, prices)
  return {
    rows,
    accounts,
    prices: allPrices,
    ...losses,
    ...mergeUses(rows),
    ...listShortest(rows, losses.regret, longest),
  }
}

/** What `choice` leaves of every account. */
export function roomUnder(arena: Arena, choice: Int32Array): Float64Array {
  const { rows } = arena
  const room = new Float64Array(arena.accounts)
  room.set(rows.limits)
  room.set(rows.privateLimits, rows.limits.length)
  for (const option of choice) if (option >= 0) spend(arena, room, option, 1)
  return room
}

/** Takes the uses of `option` out of `room`, or with `sign` −1 gives them back. */
export function spend(arena: Arena, room: Float64Array, option: number, sign: 1 | -1): void {
  const { useAccounts, useAmounts } = arena
  const last = arena.optionUses[option + 1]!
  for (let use = arena.optionUses[option]!; use < last; use++) {
    const account = useAccounts[use]!
    room[account] = room[account]! - sign * useAmounts[use]!
  }
}

/**
 * The most room that every account may have: what its floor leaves, or, where `room` leaves a floor unmet,
 * that room, so that no search takes it further away. Infinity where there is no floor.
 */
export function ceilingsOf(arena: Arena, room: Float64Array): Float64Array {
  const { limits, floors } = arena.rows
  const ceilings = new Float64Array(arena.accounts).fill(Number.POSITIVE_INFINITY)
  for (let account = 0; account < limits.length; account++) {
    if (floors[account]! === 0) continue
    ceilings[account] = Math.max(limits[account]! - floors[account]!, room[account]!)
  }
  return ceilings
}

function measureRegrets(rows: ProblemRows, prices: Float64Array) {
  const needOf = new Int32Array(optionCount(rows))
  const regret = new Float64Array(optionCount(rows))
  const regretOfNothing = new Float64Array(needCount(rows))
  for (let need = 0; need < needCount(rows); need++) {
    const first = rows.needOptions[need]!
    const last = rows.needOptions[need + 1]!
    let best = 0
    for (let option = first; option < last; option++) {
      regret[option] = reducedValue(rows, prices, option)
      best = Math.max(best, regret[option]!)
      needOf[option] = need
    }
    for (let option = first; option < last; option++) regret[option] = best - regret[option]!
    regretOfNothing[need] = best
  }
  return { needOf, regret, regretOfNothing }
}

function mergeUses(rows: ProblemRows) {
  const options = optionCount(rows)
  const optionUses = new Int32Array(options + 1)
  const useAccounts = new Int32Array(rows.useAccounts.length + rows.privateUseAccounts.length)
  const useAmounts = new Float64Array(useAccounts.length)
  let end = 0
  for (let option = 0; option < options; option++) {
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      useAccounts[end] = rows.useAccounts[use]!
      useAmounts[end++] = rows.useAmounts[use]!
    }
    for (let use = rows.optionPrivateUses[option]!; use < rows.optionPrivateUses[option + 1]!; use++) {
      useAccounts[end] = rows.limits.length + rows.privateUseAccounts[use]!
      useAmounts[end++] = rows.privateUseAmounts[use]!
    }
    optionUses[option + 1] = end
  }
  return { optionUses, useAccounts, useAmounts }
}

function listShortest(rows: ProblemRows, regret: Float64Array, longest: number) {
  const needs = needCount(rows)
  const listStarts = new Int32Array(needs + 1)
  for (let need = 0; need < needs; need++) {
    const options = rows.needOptions[need + 1]! - rows.needOptions[need]!
    listStarts[need + 1] = listStarts[need]! + Math.min(longest, options)
  }
  const shortlist = new Int32Array(listStarts[needs]!)
  for (let need = 0; need < needs; need++) {
    const first = rows.needOptions[need]!
    const options = Int32Array.from({ length: rows.needOptions[need + 1]! - first }, (_, i) => first + i)
    options.sort((a, b) => regret[a]! - regret[b]! || a - b)
    shortlist.set(options.subarray(0, listStarts[need + 1]! - listStarts[need]!), listStarts[need]!)
  }
  return { listStarts, shortlist }
}
