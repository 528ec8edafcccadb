import { type Assignment, fits, moveUses } from './assignment.ts'
import type { ProblemRows } from './problem.ts'
import type { Solution } from './solve.ts'

/** An account of the problem: one of the shared ones, or one of the private ones. */
export interface AccountRef {
  readonly kind: 'shared' | 'private'
  /** Index among the shared or the private accounts. */
  readonly account: number
}

/**
 * A small problem cut out of a solved one: a few needs, the members, choose again within the room that they
 * and nobody else leave; everybody else keeps what the solution gave them. The limit of one account may be
 * raised. One is open at a time, in memory that is set aside once.
 */
export type NeighborhoodProblem = ReturnType<typeof createNeighborhoodProblem>

/** Sets memory aside for neighborhoods of up to `most` members around a solution. */
export function createNeighborhoodProblem(
  rows: ProblemRows,
  { choice, prices, scale }: Solution,
  { room, privateRoom }: Assignment,
  most: number,
) {
  const accounts = rows.limits.length
  const entries = most * (widestNeed(rows) + 1)
  return {
    rows,
    choice,
    prices,
    scale,
    /** Copies, because the members' uses come and go. */
    room: Float64Array.from(room),
    privateRoom: Float64Array.from(privateRoom),
    members: new Int32Array(most),
    count: 0,
    /** Total utility of what the members hold in the solution. */
    standing: 0,
    /** Where the raised account's room is kept, and what it is without a raise. */
    rooms: room,
    raised: { kind: 'shared', account: 0 } as AccountRef,
    unraised: 0,
    /** Beyond this raise nothing changes: all members could have their largest use of the account. */
    boundless: 0,
    /** Per member: what it may take (option, or −1 for nothing), by falling reduced value. */
    candidates: new Int32Array(entries),
    candidateStart: new Int32Array(most + 1),
    /** Per member: how many candidates it has. */
    sizes: new Int32Array(most),
    utility: new Float64Array(entries),
    /** Utility minus what the shared uses are worth at `price`. */
    reduced: new Float64Array(entries),
    /** Most that the members from one place on can add, in utility and in reduced value. */
    reach: new Float64Array(most + 1),
    reducedReach: new Float64Array(most + 1),
    /** Shared account → the final price per unit where the members compete for it, else 0. */
    price: new Float64Array(accounts),
    /** Shared account → most that the members could use of it together. */
    demand: new Float64Array(accounts),
    /** Shared account → most that one option of the member at hand uses of it. */
    largest: new Float64Array(accounts),
    touched: new Int32Array(accounts),
    touchedCount: 0,
    /** What the room is worth at `price`, the raised account's left out. */
    worthOfRoom: 0,
    /** Accounts whose floor the members hold up, and the room at which they just do. */
    floored: new Int32Array(accounts),
    mostRoom: new Float64Array(accounts).fill(Number.POSITIVE_INFINITY),
    flooredCount: 0,
  }
}

function widestNeed({ needOptions }: ProblemRows): number {
  let widest = 0
  for (let need = 0; need + 1 < needOptions.length; need++) {
    widest = Math.max(widest, needOptions[need + 1]! - needOptions[need]!)
  }
  return widest
}

/**
 * Opens the neighborhood of `count` unequal `members`, the first of them unmet. False if no option of the
 * first one would fit, however far the account were raised; then nothing is open.
 */
export function openNeighborhood(
  problem: NeighborhoodProblem,
  members: Int32Array,
  count: number,
  raised: AccountRef,
): boolean {
  releaseMembers(problem, members, count)
  problem.raised = raised
  problem.rooms = raised.kind === 'shared' ? problem.room : problem.privateRoom
  problem.unraised = problem.rooms[raised.account]!
  problem.boundless = boundlessRaise(problem)
  problem.rooms[raised.account] = problem.unraised + problem.boundless
  if (!gatherCandidates(problem)) {
    closeNeighborhood(problem)
    return false
  }
  orderMembers(problem)
  gatherCandidates(problem)
  measureDemand(problem)
  gatherFloors(problem)
  setPrices(problem)
  rankCandidates(problem)
  return true
}

/** Gives the members back what they hold in the solution. */
export function closeNeighborhood(problem: NeighborhoodProblem): void {
  const { members, choice, demand, price, touched, floored, mostRoom } = problem
  problem.rooms[problem.raised.account] = problem.unraised
  for (let place = 0; place < problem.count; place++) {
    const option = choice[members[place]!]!
    if (option >= 0) moveUses(problem.rows, problem, option, -1)
  }
  for (let i = 0; i < problem.touchedCount; i++) {
    demand[touched[i]!] = 0
    price[touched[i]!] = 0
  }
  for (let i = 0; i < problem.flooredCount; i++) mostRoom[floored[i]!] = Number.POSITIVE_INFINITY
  problem.touchedCount = 0
  problem.flooredCount = 0
}

/** What an option uses of an account. */
export function useOf(rows: ProblemRows, option: number, { kind, account }: AccountRef): number {
  const shared = kind === 'shared'
  const starts = shared ? rows.optionUses : rows.optionPrivateUses
  const accounts = shared ? rows.useAccounts : rows.privateUseAccounts
  const amounts = shared ? rows.useAmounts : rows.privateUseAmounts
  for (let use = starts[option]!; use < starts[option + 1]!; use++) {
    if (accounts[use] === account) return amounts[use]!
  }
  return 0
}

function releaseMembers(problem: NeighborhoodProblem, members: Int32Array, count: number): void {
  const { rows, choice } = problem
  problem.count = count
  problem.standing = 0
  for (let place = 0; place < count; place++) {
    problem.members[place] = members[place]!
    const option = choice[members[place]!]!
    if (option < 0) continue
    moveUses(problem.rows, problem, option, 1)
    problem.standing += rows.utilities[option]!
  }
}

function boundlessRaise({ rows, members, count, raised, unraised }: NeighborhoodProblem): number {
  let total = 0
  for (let place = 0; place < count; place++) {
    const need = members[place]!
    let largest = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      largest = Math.max(largest, useOf(rows, option, raised))
    }
    total += largest
  }
  return Math.max(0, total - unraised)
}

/** Lists what would fit if the others took nothing. The first need must take something: false if it cannot. */
function gatherCandidates(problem: NeighborhoodProblem): boolean {
  const { rows, members, candidates, candidateStart } = problem
  let end = 0
  for (let place = 0; place < problem.count; place++) {
    const need = members[place]!
    candidateStart[place] = end
    if (place > 0) candidates[end++] = -1
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (fits(problem.rows, problem, option)) candidates[end++] = option
    }
    if (end === 0) return false
  }
  candidateStart[problem.count] = end
  return true
}

/**
 * Moves members with few candidates to the front, behind the first, so that the search branches late. Without
 * it, three times as many searches of a town of 10,000 needs are cut off.
 */
function orderMembers({ members, sizes, candidateStart, count }: NeighborhoodProblem): void {
  for (let i = 0; i < count; i++) sizes[i] = candidateStart[i + 1]! - candidateStart[i]!
  for (let i = 2; i < count; i++) {
    const member = members[i]!
    const size = sizes[i]!
    let place = i
    for (; place > 1 && sizes[place - 1]! > size; place--) {
      members[place] = members[place - 1]!
      sizes[place] = sizes[place - 1]!
    }
    members[place] = member
    sizes[place] = size
  }
}

/** Adds up, per shared account, the largest use that each member's candidates make of it. */
function measureDemand(problem: NeighborhoodProblem): void {
  const { rows, candidates, candidateStart, demand, largest, touched } = problem
  for (let place = 0; place < problem.count; place++) {
    const from = candidateStart[place]!
    const to = candidateStart[place + 1]!
    for (let i = from; i < to; i++) {
      const option = candidates[i]!
      if (option < 0) continue
      for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
        const account = rows.useAccounts[use]!
        const more = rows.useAmounts[use]! - largest[account]!
        if (more <= 0) continue
        // Amounts are never 0, so a demand of 0 means that nobody asked before.
        if (demand[account] === 0) touched[problem.touchedCount++] = account
        demand[account] = demand[account]! + more
        largest[account] = rows.useAmounts[use]!
      }
    }
    for (let i = from; i < to; i++) forgetLargest(problem, candidates[i]!)
  }
}

function forgetLargest({ rows, largest }: NeighborhoodProblem, option: number): void {
  if (option < 0) return
  for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
    largest[rows.useAccounts[use]!] = 0
  }
}

/**
 * Only what the members hold can leave an account below its floor. Where the solution itself is below it,
 * it may not fall further.
 */
function gatherFloors(problem: NeighborhoodProblem): void {
  const { rows, members, choice, room, rooms, raised, floored, mostRoom } = problem
  // The raise is taken back for a moment: floors are about uses, and uses are limit minus room.
  const withRaise = rooms[raised.account]!
  rooms[raised.account] = problem.unraised
  for (let place = 0; place < problem.count; place++) {
    const option = choice[members[place]!]!
    if (option < 0) continue
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      const account = rows.useAccounts[use]!
      if (rows.floors[account] === 0 || floored.subarray(0, problem.flooredCount).includes(account)) continue
      const used = rows.limits[account]! - room[account]! + heldBy(problem, account)
      mostRoom[account] = rows.limits[account]! - Math.min(rows.floors[account]!, used)
      floored[problem.flooredCount++] = account
    }
  }
  rooms[raised.account] = withRaise
}

/** What the members hold of a shared account in the solution. */
function heldBy({ rows, members, choice, count }: NeighborhoodProblem, account: number): number {
  let held = 0
  for (let place = 0; place < count; place++) {
    const option = choice[members[place]!]!
    if (option >= 0) held += useOf(rows, option, { kind: 'shared', account })
  }
  return held
}

/**
 * A price counts only where the members could overspend the account, or fall below its floor (then it is
 * negative); elsewhere it would only loosen the bound.
 */
function setPrices(problem: NeighborhoodProblem): void {
  const { rows, raised, touched, demand, room, price, prices, scale, mostRoom } = problem
  problem.worthOfRoom = 0
  for (let i = 0; i < problem.touchedCount; i++) {
    const account = touched[i]!
    const final = prices[account]! / scale
    if (raised.kind === 'shared' && raised.account === account) {
      // Its room depends on the raise, so every search adds it for itself.
      price[account] = Math.max(0, final)
    } else if (final > 0 && demand[account]! > room[account]!) {
      price[account] = final
      problem.worthOfRoom += final * room[account]!
    } else if (final < 0 && rows.floors[account]! > 0 && room[account]! > mostRoom[account]!) {
      price[account] = final
      problem.worthOfRoom += final * (room[account]! - mostRoom[account]!)
    }
  }
}

/** Values the candidates at the prices, sorts each member's, and adds up what they can reach. */
function rankCandidates(problem: NeighborhoodProblem): void {
  const { rows, price, candidates, candidateStart, reduced, reach, reducedReach, count } = problem
  reach[count] = 0
  reducedReach[count] = 0
  for (let place = count - 1; place >= 0; place--) {
    const from = candidateStart[place]!
    const to = candidateStart[place + 1]!
    let most = 0
    for (let i = from; i < to; i++) {
      const option = candidates[i]!
      const worth = option < 0 ? 0 : rows.utilities[option]!
      let left = worth
      const lastUse = option < 0 ? 0 : rows.optionUses[option + 1]!
      for (let use = option < 0 ? 0 : rows.optionUses[option]!; use < lastUse; use++) {
        left -= rows.useAmounts[use]! * price[rows.useAccounts[use]!]!
      }
      most = Math.max(most, worth)
      insert(problem, from, i, option, worth, left)
    }
    reach[place] = reach[place + 1]! + most
    reducedReach[place] = reducedReach[place + 1]! + reduced[from]!
  }
}

/** One step of an insertion sort by falling reduced value: lists are short and nearly sorted. */
function insert(
  { candidates, utility, reduced }: NeighborhoodProblem,
  from: number,
  end: number,
  option: number,
  worth: number,
  left: number,
): void {
  let place = end
  for (; place > from && reduced[place - 1]! < left; place--) {
    candidates[place] = candidates[place - 1]!
    utility[place] = utility[place - 1]!
    reduced[place] = reduced[place - 1]!
  }
  candidates[place] = option
  utility[place] = worth
  reduced[place] = left
}
