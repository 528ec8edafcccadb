import { type Arena, ceilingsOf, createArena, roomUnder, spend } from './arena.ts'
import { type Assignment, assignmentOf, emptyAssignment } from './assignment.ts'
import { createNeighborhoodSolver, MOST_FREED } from './freed-needs.ts'
import type { ImprovePlan } from './improve.ts'
import { createOccupants } from './occupants.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { createRandom } from './random.ts'
import { reducedValue, repair } from './repair.ts'

/** Neighborhoods per need in a round. */
const NEIGHBORHOODS_PER_NEED = 1
/** Options per need that are looked at: those of highest reduced value. */
const SHORTLIST = 24
/** Search nodes in one neighborhood. */
const NODES = 2000
/** Accounts that a neighborhood is gathered around in the beginning. */
const MOST_ACCOUNTS = 4
/** What a round may lose at first, in typical regrets. */
const WARMEST = 4
/**
 * Highest regrets that neighborhoods look at, in typical regrets. Narrow ones free more needs with the same
 * number of nodes; which ones gain, differs between problems, so all take turns.
 */
const REGRETS = [1, 2, 4, 8, 100]
/** Freed needs to begin with; every width finds its own number. */
const FIRST_SIZE = 8
/** Vain draws of an occupant before a neighborhood is left as small as it is. */
const MOST_MISSES = 60

/**
 * Improves a feasible assignment by large neighborhood search (Shaw 1998): some needs around a few accounts
 * are freed and solved again exactly, by branch and bound on what good prices leave to lose (see
 * `createNeighborhoodSolver`). How many are freed follows from how many the search can finish. A result that
 * is somewhat worse is kept while a threshold falls to zero (Dueck & Scheuer 1990), equal ones always.
 *
 * Meant for dense problems, in which every need can go nearly everywhere and every account is nearly full,
 * so that an improvement has to move many needs at once: see `isDense`. Never breaks a floor that the start
 * meets. Returns the best choice seen by utility, never worse than the one given.
 */
export function refine(
  rows: ProblemRows,
  start: Int32Array,
  prices: Float64Array,
  plan: ImprovePlan,
): Assignment {
  const { before = 0, after = 0 } = plan
  const search = createSearch(rows, fullerStart(rows, start, prices, plan.seed), prices, plan.seed)
  const best = Int32Array.from(search.choice)
  let bestValue = search.value
  const perRound = needCount(rows) * NEIGHBORHOODS_PER_NEED
  for (let round = 0; round < plan.rounds && bestValue < plan.goal && plan.stopped?.() !== true; round++) {
    const ahead = 1 - (before + round + 1) / (before + plan.rounds + after)
    listUnmet(search)
    search.threshold = WARMEST * search.typicalRegret * ahead * ahead
    for (let i = 0; i < perRound; i++) {
      resolve(search)
      if (search.value <= bestValue) continue
      bestValue = search.value
      best.set(search.choice)
    }
    plan.onRound?.(bestValue)
  }
  return assignmentOf(rows, best)
}

/** Charging more than the prices frees room; so many times as much, at the most, is tried. */
const HIGHER_PRICES = [1.05, 1.1, 1.25, 1.5, 2, 4]

/**
 * Where the start leaves needs unmet, what they would choose at higher prices may serve them all: the best of
 * a few such assignments if it is better, the start otherwise. It must keep the floors that the start keeps.
 */
function fullerStart(rows: ProblemRows, start: Int32Array, prices: Float64Array, seed: number): Int32Array {
  if (!start.includes(-1)) return start
  const { room } = assignmentOf(rows, start)
  const isKept = (left: number, account: number) =>
    rows.floors[account] === 0 ||
    left <= Math.max(room[account]!, rows.limits[account]! - rows.floors[account]!)
  let best = assignmentOf(rows, start)
  for (const factor of HIGHER_PRICES) {
    const higher = prices.map((price) => factor * price)
    const other = emptyAssignment(rows)
    repair(rows, other, wishesAt(rows, higher), higher, seed)
    if (other.value > best.value && other.room.every(isKept)) best = other
  }
  return best.choice
}

/** Every need's option of highest reduced value, or −1 where none is above 0. */
function wishesAt(rows: ProblemRows, prices: Float64Array): Int32Array {
  const wishes = new Int32Array(needCount(rows)).fill(-1)
  for (let need = 0; need < wishes.length; need++) {
    let best = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      const value = reducedValue(rows, prices, option)
      if (value <= best) continue
      best = value
      wishes[need] = option
    }
  }
  return wishes
}

function createSearch(rows: ProblemRows, start: Int32Array, prices: Float64Array, seed: number) {
  const arena = createArena(rows, prices, SHORTLIST)
  const room = roomUnder(arena, start)
  const occupants = createOccupants(rows)
  let value = 0
  for (const option of start) {
    if (option < 0) continue
    occupants.enter(option)
    value += rows.utilities[option]!
  }
  return {
    arena,
    room,
    occupants,
    value,
    choice: Int32Array.from(start),
    solver: createNeighborhoodSolver(arena, ceilingsOf(arena, room)),
    random: createRandom(seed),
    typicalRegret: typicalRegret(arena),
    threshold: 0,
    freed: { needs: new Int32Array(MOST_FREED), size: 0 },
    isFreed: new Uint8Array(start.length),
    /** Needs that had nothing when the round began. */
    unmet: new Int32Array(start.length),
    unmetCount: 0,
    accounts: new Int32Array(MOST_FREED),
    accountCount: 0,
    /** Width → how many needs a search of it can free. */
    sizes: new Float64Array(REGRETS.length).fill(FIRST_SIZE),
    limits: { highestRegret: 0, mayLose: 0, nodes: NODES },
  }
}
type Search = ReturnType<typeof createSearch>

/** Mean over the needs of what the second best option loses. */
function typicalRegret({ listStarts, shortlist, regret }: Arena): number {
  let sum = 0
  let count = 0
  for (let need = 0; need + 1 < listStarts.length; need++) {
    if (listStarts[need + 1]! - listStarts[need]! < 2) continue
    sum += regret[shortlist[listStarts[need]! + 1]!]!
    count++
  }
  return count === 0 ? 0 : sum / count
}

/** Frees some needs, solves them again, and puts in what was found. */
function resolve(search: Search): void {
  const { arena, room, choice, freed, limits, random, solver } = search
  const width = random.below(REGRETS.length)
  limits.highestRegret = REGRETS[width]! * search.typicalRegret
  gather(search, Math.floor(search.sizes[width]!))
  for (let place = 0; place < freed.size; place++) {
    const option = choice[freed.needs[place]!]!
    if (option >= 0) spend(arena, room, option, -1)
  }
  const chance = random.below(65536) / 65536
  limits.mayLose = Math.floor(search.threshold * chance * chance)
  const gain = solver.solve(freed, choice, room, limits)
  if (gain > Number.NEGATIVE_INFINITY) {
    putIn(search)
    search.value += gain
  }
  for (let place = 0; place < freed.size; place++) {
    const option = choice[freed.needs[place]!]!
    if (option >= 0) spend(arena, room, option, 1)
    search.isFreed[freed.needs[place]!] = 0
  }
  adaptSize(search, width)
}

/** One search in four may be cut off; the sizes move until that is so. */
function adaptSize({ sizes, solver }: Search, width: number): void {
  const step = solver.nodes > NODES ? -0.3 : solver.nodes < NODES / 4 ? 0.1 : 0
  sizes[width] = Math.min(MOST_FREED, Math.max(3, sizes[width]! + step))
}

function putIn({ choice, freed, occupants, solver }: Search): void {
  for (let place = 0; place < freed.size; place++) {
    const old = choice[freed.needs[place]!]!
    if (old >= 0) occupants.exit(old)
    choice[freed.needs[place]!] = solver.found[place]!
    if (solver.found[place]! >= 0) occupants.enter(solver.found[place]!)
  }
}

function listUnmet(search: Search): void {
  search.unmetCount = 0
  for (let need = 0; need < search.choice.length; need++) {
    if (search.choice[need]! < 0) search.unmet[search.unmetCount++] = need
  }
}

/** A few unmet needs get half of the attention; where many are unmet, that is how it has to be. */
function drawSeed({ random, unmet, unmetCount, choice }: Search): number {
  const few = unmetCount > 0 && unmetCount * 20 <= choice.length + 20
  return few && random.below(2) === 0 ? unmet[random.below(unmetCount)]! : random.below(choice.length)
}

/** Frees a random need and others that occupy what it has or would like to have. */
function gather(search: Search, size: number): void {
  const { random, freed, occupants, accounts, arena } = search
  freed.size = 0
  search.accountCount = 0
  const seed = drawSeed(search)
  free(search, seed)
  addAccountsOf(search, search.choice[seed]!)
  const wanted = 2 + random.below(MOST_ACCOUNTS - 1)
  for (let tries = 0; tries < 20 && search.accountCount < wanted; tries++) addWish(search, seed)
  for (let misses = 0; freed.size < size && misses < MOST_MISSES; ) {
    const account = search.accountCount === 0 ? -1 : accounts[random.below(search.accountCount)]!
    const present = account < 0 ? 0 : occupants.size(account)
    const option = present === 0 ? -1 : occupants.at(account, random.below(present))
    if (option >= 0 && search.isFreed[arena.needOf[option]!] === 0 && isFlexible(search, option)) {
      free(search, arena.needOf[option]!)
      continue
    }
    misses++
    // The accounts are all but emptied: take in another one that a freed need would like.
    if (misses % 8 === 0) addWish(search, freed.needs[random.below(freed.size)]!)
  }
}

/** Whether the need of a chosen option has another one within the regrets that are looked at. */
function isFlexible({ arena, limits }: Search, option: number): boolean {
  const { listStarts, shortlist, regret, needOf } = arena
  const first = listStarts[needOf[option]!]!
  const other = shortlist[first] === option ? first + 1 : first
  return other < listStarts[needOf[option]! + 1]! && regret[shortlist[other]!]! <= limits.highestRegret
}

function free({ freed, isFreed }: Search, need: number): void {
  freed.needs[freed.size++] = need
  isFreed[need] = 1
}

/** Adds the shared accounts of one of the need's better options. */
function addWish(search: Search, need: number): void {
  const { listStarts, shortlist, regret } = search.arena
  const first = listStarts[need]!
  let length = listStarts[need + 1]! - first
  while (length > 0 && regret[shortlist[first + length - 1]!]! > search.limits.highestRegret) length--
  if (length === 0) return
  addAccountsOf(search, shortlist[first + search.random.below(1 + search.random.below(length))]!)
}

function addAccountsOf(search: Search, option: number): void {
  if (option < 0) return
  const { optionUses, useAccounts } = search.arena.rows
  for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
    let known = search.accountCount === search.accounts.length
    for (let i = 0; i < search.accountCount; i++) if (search.accounts[i] === useAccounts[use]) known = true
    if (!known) search.accounts[search.accountCount++] = useAccounts[use]!
  }
}
