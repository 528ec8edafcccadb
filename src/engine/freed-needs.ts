import type { Arena } from './arena.ts'

/** Most needs that one neighborhood may free. */
export const MOST_FREED = 63

/** What is to be solved anew. */
export interface Freed {
  /** The freed needs are the first `size` ones. */
  readonly needs: Int32Array
  size: number
}

/** How much a search may look at and what it may accept. */
export interface SearchLimits {
  /** Options of higher regret are left aside, except for those that are chosen now. */
  highestRegret: number
  /** So much total utility may be lost if nothing better is found. */
  mayLose: number
  /** The search gives up after so many nodes, with the best it has found. */
  nodes: number
}

/** Solves the freed part of an assignment exactly, everything else standing still. */
export interface NeighborhoodSolver {
  /**
   * Looks for the options of the freed needs with the highest total utility. `room` is what the others
   * leave, `choice` what the freed needs had; a result that is the same in all of them does not count.
   * Returns the gain in utility (≥ −`mayLose`), or −Infinity if nothing was found.
   */
  solve(freed: Freed, choice: Int32Array, room: Float64Array, limits: SearchLimits): number
  /** Of the last gain: option or −1 of every freed need. */
  readonly found: Int32Array
  /** Search nodes of the last call. */
  readonly nodes: number
}

/** Sums of doubles may be off by so much, relative to the sums: no better choice is cut off for that. */
const TOLERANCE = 1e-9

/**
 * A solver for `arena` with its scratch memory; `ceilings` is the most room an account may be left with.
 *
 * Depth-first branch and bound, the need with the fewest candidates first, options by rising regret. What
 * is left of the local gap (regrets so far, plus the smallest regrets of the needs still open, plus price
 * × the room that they cannot fill any more) has to stay below the gap of the present choice. A branch
 * also ends where the open needs cannot get by with the room that is left.
 */
export function createNeighborhoodSolver(arena: Arena, ceilings: Float64Array): NeighborhoodSolver {
  const state = createState(arena, ceilings)
  return {
    solve: (freed, choice, room, limits) => solve(state, freed, choice, room, limits),
    found: state.found,
    get nodes() {
      return state.nodes
    },
  }
}

function createState(arena: Arena, ceilings: Float64Array) {
  let longest = 0
  for (let need = 0; need + 1 < arena.listStarts.length; need++) {
    longest = Math.max(longest, arena.listStarts[need + 1]! - arena.listStarts[need]!)
  }
  const candidates = MOST_FREED * (longest + 1)
  const watched = Math.min(arena.accounts, candidates * mostUses(arena))
  return {
    arena,
    ceilings,
    room: new Float64Array(0) as Float64Array,
    size: 0,
    freed: new Int32Array(MOST_FREED),
    before: new Int32Array(MOST_FREED),
    /** Depth → place among the freed needs. */
    order: new Int32Array(MOST_FREED),
    /** Place → range of candidates: options, or −1 for nothing, by rising regret. */
    firsts: new Int32Array(MOST_FREED),
    lasts: new Int32Array(MOST_FREED),
    candidates: new Int32Array(candidates),
    regrets: new Float64Array(candidates),
    /** Accounts that candidates use and whose room can end a branch. */
    watched: new Int32Array(watched),
    watchedCount: 0,
    /** Account → number of the search that last listed it. */
    listed: new Int32Array(arena.accounts),
    searches: 0,
    /** In rows of `watchedCount` per depth: the most and the least that the needs from there on can use. */
    most: new Float64Array((MOST_FREED + 1) * watched),
    least: new Float64Array((MOST_FREED + 1) * watched),
    /** Account → while a row is filled, its use by the need at hand. */
    mostUse: new Float64Array(arena.accounts),
    leastUse: new Float64Array(arena.accounts),
    users: new Int32Array(arena.accounts),
    /** Depth → the least regret that the needs from there on can have. */
    regretAhead: new Float64Array(MOST_FREED + 1),
    path: new Int32Array(MOST_FREED),
    found: new Int32Array(MOST_FREED),
    isFound: false,
    /** What no choice of the freed needs can exceed, and what the next one has to reach. */
    ceiling: 0,
    wanted: 0,
    slack: 0,
    nodes: 0,
    nodeLimit: 0,
  }
}
type State = ReturnType<typeof createState>

function mostUses({ optionUses }: Arena): number {
  let most = 0
  for (let option = 0; option + 1 < optionUses.length; option++) {
    most = Math.max(most, optionUses[option + 1]! - optionUses[option]!)
  }
  return most
}

function solve(
  state: State,
  freed: Freed,
  choice: Int32Array,
  room: Float64Array,
  limits: SearchLimits,
): number {
  const { arena } = state
  state.room = room
  state.size = freed.size
  let utility = 0
  for (let place = 0; place < freed.size; place++) {
    const option = choice[freed.needs[place]!]!
    state.freed[place] = freed.needs[place]!
    state.before[place] = option
    if (option >= 0) utility += arena.rows.utilities[option]!
  }
  state.wanted = utility - limits.mayLose
  state.isFound = false
  state.nodes = 0
  state.nodeLimit = limits.nodes
  gatherCandidates(state, limits.highestRegret)
  boundFromAbove(state, utility)
  orderByCandidates(state)
  lookAhead(state)
  descend(state, 0, 0, 0)
  // `wanted` is one above what was found.
  return state.isFound ? state.wanted - 1 - utility : Number.NEGATIVE_INFINITY
}

/** Lists the candidates of every freed need: those that fit by themselves and have no high regret. */
function gatherCandidates(state: State, highestRegret: number): void {
  const { arena, room, freed, before, candidates, regrets } = state
  const { listStarts, shortlist, regret, regretOfNothing } = arena
  let end = 0
  for (let place = 0; place < state.size; place++) {
    const need = freed[place]!
    const nothing = regretOfNothing[need]!
    // Who has nothing may take anything: to serve that need is worth a lot.
    const highest = before[place]! < 0 ? Number.POSITIVE_INFINITY : highestRegret
    let nothingIsOpen = nothing <= highest
    state.firsts[place] = end
    const last = listStarts[need + 1]!
    for (let i = listStarts[need]!; i < last; i++) {
      const option = shortlist[i]!
      if (regret[option]! > highest && option !== before[place]) continue
      if (!fits(arena, room, option)) continue
      if (nothingIsOpen && nothing < regret[option]!) {
        regrets[end] = nothing
        candidates[end++] = -1
        nothingIsOpen = false
      }
      regrets[end] = regret[option]!
      candidates[end++] = option
    }
    if (nothingIsOpen) {
      regrets[end] = nothing
      candidates[end++] = -1
    }
    state.lasts[place] = end
  }
}

function fits({ optionUses, useAccounts, useAmounts }: Arena, room: Float64Array, option: number): boolean {
  const last = optionUses[option + 1]!
  for (let use = optionUses[option]!; use < last; use++) {
    if (room[useAccounts[use]!]! < useAmounts[use]!) return false
  }
  return true
}

/**
 * The bound at the prices: the present utility, plus its regrets, plus price × room left in every account
 * that a candidate can use. Drops the candidates that the bound rules out, which may lower it again.
 */
function boundFromAbove(state: State, utility: number): void {
  const { arena, before, freed, firsts, lasts, regrets } = state
  let regretNow = 0
  for (let place = 0; place < state.size; place++) {
    const option = before[place]!
    regretNow += option >= 0 ? arena.regret[option]! : arena.regretOfNothing[freed[place]!]!
  }
  for (let pass = 0; pass < 2; pass++) {
    state.ceiling = utility + regretNow + pricedRoom(state)
    state.slack = TOLERANCE * (Math.abs(state.ceiling) + 1)
    const affordable = state.ceiling - state.wanted + state.slack
    for (let place = 0; place < state.size; place++) {
      while (lasts[place]! > firsts[place]! && regrets[lasts[place]! - 1]! > affordable) {
        lasts[place] = lasts[place]! - 1
      }
    }
  }
}

/**
 * Lists the accounts that the candidates use, and values their room once the present choice is made. Where
 * a floor has a price below 0, what counts is the distance from the ceiling.
 */
function pricedRoom(state: State): number {
  const { arena, room, ceilings, listed, firsts, lasts, candidates, watched, before } = state
  const { prices, optionUses, useAccounts } = arena
  const search = ++state.searches
  let worth = 0
  let count = 0
  for (let place = 0; place < state.size; place++) {
    for (let i = firsts[place]!; i < lasts[place]!; i++) {
      const option = candidates[i]!
      if (option < 0) continue
      for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
        const account = useAccounts[use]!
        if (listed[account] === search) continue
        listed[account] = search
        watched[count++] = account
        const price = prices[account]!
        worth += price >= 0 ? price * room[account]! : price * (room[account]! - ceilings[account]!)
      }
    }
  }
  state.watchedCount = count
  for (let place = 0; place < state.size; place++) {
    if (before[place]! >= 0) worth -= pricedUses(arena, before[place]!)
  }
  return worth
}

function pricedUses({ optionUses, useAccounts, useAmounts, prices }: Arena, option: number): number {
  let worth = 0
  for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
    worth += prices[useAccounts[use]!]! * useAmounts[use]!
  }
  return worth
}

/** The need with the fewest candidates comes first. */
function orderByCandidates({ order, firsts, lasts, size }: State): void {
  for (let i = 0; i < size; i++) {
    const width = lasts[i]! - firsts[i]!
    let depth = i
    for (; depth > 0; depth--) {
      const other = order[depth - 1]!
      if (lasts[other]! - firsts[other]! <= width) break
      order[depth] = other
    }
    order[depth] = i
  }
}

/** Fills, from the last depth up, what the needs from each depth on can use, must use and must regret. */
function lookAhead(state: State): void {
  const { arena, watched, most, least, mostUse, leastUse, users, regretAhead, order, firsts, lasts } = state
  dropUnwatched(state)
  const width = state.watchedCount
  most.fill(0, state.size * width, (state.size + 1) * width)
  least.fill(0, state.size * width, (state.size + 1) * width)
  regretAhead[state.size] = 0
  for (let depth = state.size - 1; depth >= 0; depth--) {
    const place = order[depth]!
    regretAhead[depth] = regretAhead[depth + 1]! + state.regrets[firsts[place]!]!
    for (let i = 0; i < width; i++) {
      mostUse[watched[i]!] = 0
      leastUse[watched[i]!] = Number.POSITIVE_INFINITY
      users[watched[i]!] = 0
    }
    for (let i = firsts[place]!; i < lasts[place]!; i++) noteUses(state, arena, state.candidates[i]!)
    const all = lasts[place]! - firsts[place]!
    for (let i = 0; i < width; i++) {
      const account = watched[i]!
      const at = depth * width + i
      most[at] = most[at + width]! + mostUse[account]!
      least[at] = least[at + width]! + (users[account] === all ? leastUse[account]! : 0)
    }
  }
}

function noteUses({ mostUse, leastUse, users }: State, arena: Arena, option: number): void {
  if (option < 0) return
  for (let use = arena.optionUses[option]!; use < arena.optionUses[option + 1]!; use++) {
    const account = arena.useAccounts[use]!
    const amount = arena.useAmounts[use]!
    mostUse[account] = Math.max(mostUse[account]!, amount)
    leastUse[account] = Math.min(leastUse[account]!, amount)
    users[account] = users[account]! + 1
  }
}

/** Only accounts with a price are worth a look at every node: the others have room left for everybody. */
function dropUnwatched(state: State): void {
  const { arena, watched } = state
  let count = 0
  for (let i = 0; i < state.watchedCount; i++) {
    const account = watched[i]!
    if (arena.prices[account]! > 0) watched[count++] = account
  }
  state.watchedCount = count
}

function descend(state: State, depth: number, regret: number, utility: number): void {
  if (depth === state.size) {
    if (utility >= state.wanted) note(state, utility)
    return
  }
  const { arena, room, candidates, regrets } = state
  const { optionUses, useAccounts, useAmounts } = arena
  const place = state.order[depth]!
  const ahead = state.regretAhead[depth + 1]!
  const last = state.lasts[place]!
  for (let i = state.firsts[place]!; i < last; i++) {
    const nextRegret = regret + regrets[i]!
    if (state.ceiling - nextRegret - ahead < state.wanted - state.slack) return
    if (++state.nodes > state.nodeLimit) return
    const option = candidates[i]!
    state.path[place] = option
    if (option < 0) {
      descend(state, depth + 1, nextRegret, utility)
      continue
    }
    if (!fits(arena, room, option)) continue
    const lastUse = optionUses[option + 1]!
    for (let use = optionUses[option]!; use < lastUse; use++) {
      room[useAccounts[use]!] = room[useAccounts[use]!]! - useAmounts[use]!
    }
    if (isPromising(state, depth + 1, nextRegret + ahead)) {
      descend(state, depth + 1, nextRegret, utility + arena.rows.utilities[option]!)
    }
    for (let use = optionUses[option]!; use < lastUse; use++) {
      room[useAccounts[use]!] = room[useAccounts[use]!]! + useAmounts[use]!
    }
  }
}

/** Whether the open needs can get by with the room, and fill enough of it. */
function isPromising(state: State, depth: number, regret: number): boolean {
  const { room, watched, most, least, watchedCount } = state
  const { prices } = state.arena
  const row = depth * watchedCount
  let loss = regret
  for (let i = 0; i < watchedCount; i++) {
    const account = watched[i]!
    const left = room[account]!
    if (left < least[row + i]!) return false
    const unfilled = left - most[row + i]!
    if (unfilled > 0) loss += unfilled * prices[account]!
  }
  return state.ceiling - loss >= state.wanted - state.slack
}

/** Takes the path as the best so far, unless it breaks a floor or is what there was. */
function note(state: State, utility: number): void {
  const { path, before, found, size, room, ceilings, arena } = state
  let differs = false
  for (let place = 0; place < size; place++) if (path[place] !== before[place]) differs = true
  if (!differs) return
  // Only accounts that freed needs used before can end with more room than they had.
  for (let place = 0; place < size; place++) {
    if (before[place]! >= 0 && !floorsHold(arena, room, ceilings, before[place]!)) return
  }
  for (let place = 0; place < size; place++) found[place] = path[place]!
  state.isFound = true
  state.wanted = utility + 1
}

function floorsHold(arena: Arena, room: Float64Array, ceilings: Float64Array, option: number): boolean {
  for (let use = arena.optionUses[option]!; use < arena.optionUses[option + 1]!; use++) {
    const account = arena.useAccounts[use]!
    if (room[account]! > ceilings[account]!) return false
  }
  return true
}
