import { fits, moveUses } from './assignment.ts'
import type { NeighborhoodProblem } from './neighborhood-problem.ts'

/** What a need holds before and after: option or −1. */
export interface Move {
  readonly need: number
  readonly from: number
  readonly to: number
}

/**
 * Exact answers about an open neighborhood, by depth-first branch and bound: members in their order, options
 * by falling reduced value. A branch is left as soon as the utility its open members could still add, or
 * their reduced values with what the room is worth at the final prices (the Lagrangian bound), cannot exceed
 * what is asked for. Utilities are integers, and so are all totals.
 */
export interface NeighborhoodSearch {
  /**
   * The highest total above `above` with the limit raised by `by`, the first need served or left out; −1 if
   * none is above.
   */
  highest(served: boolean, by: number, above: number): number
  /** The smallest raise, at most `most`, with which a total above `above` serves the first need; −1 if none. */
  smallestRaise(above: number, most: number): number
  /** Who holds something else in the assignment found last; the first need's move comes first. */
  moves(): Move[]
  /** Whether all searches since the last call ended; one that was cut off proves nothing. */
  finished(): boolean
}

/** Searches that are each cut off after `nodes` steps. */
export function createNeighborhoodSearch(problem: NeighborhoodProblem, nodes: number): NeighborhoodSearch {
  const search = createSearch(problem, nodes)
  return {
    highest: (served, by, above) => highest(search, served, by, above),
    smallestRaise: (above, most) => smallestRaise(search, above, most),
    moves: () => movesOf(search),
    finished: () => {
      const { finished } = search
      search.finished = true
      return finished
    },
  }
}

function createSearch(problem: NeighborhoodProblem, nodes: number) {
  const { members } = problem
  return {
    problem,
    nodes,
    nodesLeft: 0,
    finished: true,
    /** The first need takes part (0) or is left out (1). */
    first: 0,
    path: new Int32Array(members.length),
    bestPath: new Int32Array(members.length),
    /** Totals must exceed it. */
    above: 0,
    /** The raise that is allowed at the moment, and what the room is worth with it. */
    raise: 0,
    worthOfRoom: 0,
    /** Whether a better answer is a smaller raise, not a higher total. */
    lowering: false,
    found: -1,
    over: false,
  }
}
type Search = ReturnType<typeof createSearch>

function highest(search: Search, served: boolean, by: number, above: number): number {
  search.first = served ? 0 : 1
  search.lowering = false
  run(search, by, above)
  return search.found
}

function smallestRaise(search: Search, above: number, most: number): number {
  search.first = 0
  search.lowering = true
  run(search, Math.min(most, search.problem.boundless), above)
  return search.found
}

function run(search: Search, raise: number, above: number): void {
  const { problem } = search
  search.above = above
  search.found = -1
  search.over = false
  search.nodesLeft = search.nodes
  problem.rooms[problem.raised.account] = problem.unraised + raise
  allow(search, raise)
  if (search.first === 1) search.path[0] = -1
  descend(search, search.first, 0, 0)
  if (search.nodesLeft < 0) search.finished = false
}

/** Sets the raise that the bound may count on. */
function allow(search: Search, raise: number): void {
  const { raised, unraised, price, demand, worthOfRoom } = search.problem
  search.raise = raise
  search.worthOfRoom = worthOfRoom
  if (raised.kind === 'private') return
  search.worthOfRoom += price[raised.account]! * Math.min(demand[raised.account]!, unraised + raise)
}

/**
 * Tries the options of the member at `depth`. `value` and `reduced` are what the members above add in utility
 * and in reduced value. Half a unit of slack in the comparison covers rounding, because totals are integers.
 */
function descend(search: Search, depth: number, value: number, reduced: number): void {
  const { problem, path } = search
  if (depth === problem.count) {
    conclude(search, value)
    return
  }
  const { candidates, candidateStart, reach, reducedReach } = problem
  for (let i = candidateStart[depth]!; i < candidateStart[depth + 1]!; i++) {
    const priced = reduced + problem.reduced[i]!
    if (priced + reducedReach[depth + 1]! + search.worthOfRoom < search.above + 0.5) return
    const worth = value + problem.utility[i]!
    if (worth + reach[depth + 1]! <= search.above) continue
    if (--search.nodesLeft < 0) return
    const option = candidates[i]!
    path[depth] = option
    if (option < 0) descend(search, depth + 1, worth, priced)
    else if (fits(problem.rows, problem, option)) {
      moveUses(problem.rows, problem, option, -1)
      descend(search, depth + 1, worth, priced)
      moveUses(problem.rows, problem, option, 1)
    }
    // A smaller raise was found below: what is settled above may already use more than that.
    if (search.over || problem.rooms[problem.raised.account]! < 0) return
  }
}

/** All members have chosen. Where none had a choice, no branch has compared the total yet. */
function conclude(search: Search, value: number): void {
  const { problem, path, bestPath } = search
  if (value <= search.above || !floorsHold(search)) return
  for (let place = 0; place < problem.count; place++) bestPath[place] = path[place]!
  if (!search.lowering) {
    search.above = value
    search.found = value
    return
  }
  const spare = problem.rooms[problem.raised.account]!
  search.found = Math.max(0, search.raise - spare)
  search.over = search.found === 0
  if (search.over) return
  problem.rooms[problem.raised.account] = -1
  allow(search, search.found - 1)
}

function floorsHold({ problem, raise }: Search): boolean {
  const { floored, flooredCount, mostRoom, room, raised } = problem
  for (let i = 0; i < flooredCount; i++) {
    const account = floored[i]!
    const more = raised.kind === 'shared' && raised.account === account ? raise : 0
    if (room[account]! - more > mostRoom[account]!) return false
  }
  return true
}

function movesOf({ problem, bestPath }: Search): Move[] {
  const { members, choice, count } = problem
  const moves: Move[] = []
  for (let place = 0; place < count; place++) {
    const need = members[place]!
    if (bestPath[place] !== choice[need]) moves.push({ need, from: choice[need]!, to: bestPath[place]! })
  }
  return moves
}
