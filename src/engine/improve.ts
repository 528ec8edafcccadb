import { type Assignment, assignmentOf, fits, release, take } from './assignment.ts'
import { createOccupants, type Occupants } from './occupants.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { createRandom, type Random } from './random.ts'
import { reducedValue } from './repair.ts'
import { createScratch, type Scratch } from './scratch.ts'
import { SHORTLIST } from './workplace.ts'

/** How long and how boldly to improve. */
export interface ImprovePlan {
  /** Rounds of `MOVES_PER_NEED` attempted moves per need on average. */
  readonly rounds: number
  readonly seed: number
  /** Rounds of the same cooling that came before these, and that will come after; 0 by default. */
  readonly before?: number
  readonly after?: number
  /** A proven bound: once the value reaches it, there is nothing left to gain. */
  readonly goal: number
  /** Asked before every round. */
  readonly stopped?: () => boolean
  /** Told the best value so far after every round. */
  readonly onRound?: (value: number) => void
}

/** Attempted moves per need in a round. */
const MOVES_PER_NEED = 4
/** A need that has its best-priced option already is tried once where another one is tried so many times. */
const PATIENCE = 4
/** Share of the priced uses that a move is charged for in the beginning. */
const FULLEST_CHARGE = 0.9
/** What a move may lose at first, as a share of the mean utility of the needs that are met. */
const WARMEST = 0.05
/** Needs that one move may push out. */
const MOST_EJECTED = 7
/** Occupants of a full account that are looked at when one has to leave. */
const SAMPLE = 2
/** One in so many siblings is overlooked when one has to leave. */
const OVERLOOKED = 4
/** What a unit below a floor costs, in best utilities: more than one move could ever gain by it. */
const SHORTAGE_COST = 16

/**
 * Improves a feasible assignment by ejection moves (Yagiura, Ibaraki & Glover 2004): a need takes one of
 * its best-priced options, whoever stands in the way is pushed out and takes the best option that still
 * fits. A move is kept unless it loses more than a random part of a threshold that falls to zero
 * (threshold accepting, Dueck & Scheuer 1990: like annealing, without a transcendental function whose
 * last bit could differ between machines).
 *
 * What a move loses is measured in utility minus a share of the priced uses, as in Lagrangian heuristics
 * (Beasley 1993). Under utility alone, whoever steps aside from a scarce place for a slightly worse one
 * counts as a loss, although the place is worth far more to the next; charged for it, that step pays at
 * once. The share falls to zero, so that in the end room which nobody else wants is free. Measured: this
 * takes 0.1 to 0.2 points off the gap of a district of 4,000 needs.
 *
 * Floors come first: a unit that is missing costs more than any move can gain.
 *
 * Returns the best choice seen, by what floors miss and then by utility; never worse than the one given.
 * Rounds that are followed by others (`plan.after`) return where they stand instead.
 */
export function improve(
  rows: ProblemRows,
  start: Int32Array,
  prices: Float64Array,
  plan: ImprovePlan,
  scratch: Scratch = createScratch(),
): Assignment {
  const { rounds, before = 0, after = 0, goal, stopped, onRound } = plan
  const search = createSearch(rows, start, prices, plan.seed, scratch)
  const best = {
    choice: Int32Array.from(start),
    value: search.assignment.value,
    shortage: shortageOf(search),
  }
  const warmest = WARMEST * meanUtility(search.assignment)
  const moves = needCount(rows) * MOVES_PER_NEED
  for (let round = 0; round < rounds; round++) {
    if ((best.shortage === 0 && best.value >= goal) || stopped?.()) break
    const ahead = 1 - (before + round + 1) / (before + rounds + after)
    search.charge = FULLEST_CHARGE * ahead
    const threshold = warmest * ahead * ahead
    for (let i = 0; i < moves; i++) tryMove(search, search.random.below(search.needCount), threshold)
    keepBest(search, best)
    onRound?.(best.value)
  }
  return after > 0 ? search.assignment : assignmentOf(rows, best.choice)
}

function keepBest(search: Search, best: { choice: Int32Array; value: number; shortage: number }): void {
  const { value, choice } = search.assignment
  const shortage = shortageOf(search)
  if (shortage > best.shortage || (shortage === best.shortage && value <= best.value)) return
  best.shortage = shortage
  best.value = value
  best.choice.set(choice)
}

/** Units that the accounts with a floor miss, all together. */
function shortageOf({ rows, floored, assignment }: Search): number {
  let missing = 0
  for (const account of floored) missing += shortageAt(rows, assignment, account)
  return missing
}

function shortageAt(rows: ProblemRows, { room }: Assignment, account: number): number {
  return Math.max(0, rows.floors[account]! - (rows.limits[account]! - room[account]!))
}

function createSearch(
  rows: ProblemRows,
  start: Int32Array,
  prices: Float64Array,
  seed: number,
  scratch: Scratch,
) {
  const assignment = assignmentOf(rows, start)
  const occupants = createOccupants(rows, scratch)
  for (const option of start) if (option >= 0) occupants.enter(option)
  const reduced = scratch.doubles(rows.utilities.length)
  for (let option = 0; option < reduced.length; option++) reduced[option] = reducedValue(rows, prices, option)
  return {
    rows,
    seed,
    assignment,
    occupants,
    reduced,
    needCount: needCount(rows),
    shortlist: shortlists(rows, reduced, scratch),
    /** Accounts with a floor. */
    floored: Int32Array.from(rows.floors.keys()).filter((account) => rows.floors[account]! > 0),
    shortageCost: SHORTAGE_COST * largest(rows.utilities),
    needOf: ownersOfOptions(rows, scratch),
    residentOf: ownersOfNeeds(rows, scratch),
    random: createRandom(seed),
    /** Needs touched by the current move and what they had before it, to undo it. */
    touched: new Int32Array(MOST_EJECTED + 1),
    before: new Int32Array(MOST_EJECTED + 1),
    touchedCount: 0,
    /** Share of the priced uses that moves are charged for. */
    charge: 0,
    /** What the current move has lost so far, charges included. */
    loss: 0,
  }
}
type Search = ReturnType<typeof createSearch> & { occupants: Occupants; random: Random }

function tryMove(search: Search, need: number, threshold: number): void {
  const { rows, assignment, random } = search
  const size = shortlistSize(rows, need)
  if (size === 0) return
  const held = assignment.choice[need]!
  if (held >= 0 && search.reduced[held]! >= search.reduced[search.shortlist[need * SHORTLIST]!]!) {
    if (random.below(PATIENCE) > 0) return
  }
  const option = search.shortlist[need * SHORTLIST + placeNearTop(random, size)]!
  if (option === held) return
  search.touchedCount = 0
  search.loss = 0
  if (!makeRoom(search, need, option)) {
    undo(search)
    return
  }
  put(search, need, option)
  for (let i = 1; i < search.touchedCount; i++) rehouse(search, search.touched[i]!)
  if (search.loss <= 0) return
  const chance = random.below(65536) / 65536
  if (search.loss > threshold * chance * chance) undo(search)
}

/** A place in a list, the first ones far more often: moves to a need's worst options are mostly undone. */
function placeNearTop(random: Random, size: number): number {
  return random.below(1 + random.below(1 + random.below(size)))
}

/** Frees what `option` needs, beginning with what the need holds itself; false if it cannot be freed. */
function makeRoom(search: Search, need: number, option: number): boolean {
  const { rows, assignment } = search
  leave(search, need)
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    const account = rows.privateUseAccounts[use]!
    while (assignment.privateRoom[account]! < rows.privateUseAmounts[use]!) {
      if (!ejectSibling(search, need, account)) return false
    }
  }
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    const account = rows.useAccounts[use]!
    while (assignment.room[account]! < rows.useAmounts[use]!) {
      if (!ejectOccupant(search, account)) return false
    }
  }
  return true
}

/** Pushes out the cheapest to lose among a few random occupants of a shared account. */
function ejectOccupant(search: Search, account: number): boolean {
  const { occupants, random, reduced } = search
  const size = occupants.size(account)
  if (size === 0 || search.touchedCount > MOST_EJECTED) return false
  let victim = -1
  for (let i = 0; i < SAMPLE; i++) {
    const option = occupants.at(account, random.below(size))
    if (victim < 0 || reduced[option]! < reduced[victim]!) victim = option
  }
  leave(search, search.needOf[victim]!)
  return true
}

/** Pushes out another need of the same resident that spends the private account. */
function ejectSibling(search: Search, need: number, account: number): boolean {
  const { rows, assignment, reduced } = search
  if (search.touchedCount > MOST_EJECTED) return false
  const resident = search.residentOf[need]!
  let victim = -1
  const lastNeed = rows.residentNeeds[resident + 1]!
  for (let other = rows.residentNeeds[resident]!; other < lastNeed; other++) {
    const option = assignment.choice[other]!
    if (option < 0 || !spends(rows, option, account)) continue
    // Overlooked now and then, so that the same exchange does not come again and again.
    if (victim >= 0 && search.random.below(OVERLOOKED) === 0) continue
    if (victim < 0 || reduced[option]! < reduced[assignment.choice[victim]!]!) victim = other
  }
  if (victim < 0) return false
  leave(search, victim)
  return true
}

function spends(rows: ProblemRows, option: number, privateAccount: number): boolean {
  const last = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < last; use++) {
    if (rows.privateUseAccounts[use] === privateAccount) return true
  }
  return false
}

/** Gives an ejected need the best-priced option of its shortlist that still fits. */
function rehouse(search: Search, need: number): void {
  const { rows, assignment, shortlist } = search
  const size = shortlistSize(rows, need)
  for (let i = 0; i < size; i++) {
    const option = shortlist[need * SHORTLIST + i]!
    if (!fits(rows, assignment, option)) continue
    put(search, need, option)
    return
  }
}

function put(search: Search, need: number, option: number): void {
  if (search.floored.length > 0) search.loss -= search.shortageCost * optionShortage(search, option)
  take(search.rows, search.assignment, need, option)
  if (search.floored.length > 0) search.loss += search.shortageCost * optionShortage(search, option)
  search.occupants.enter(option)
  search.loss -= chargedValue(search, option)
}

/** Empties a need and notes what it had. */
function leave(search: Search, need: number): void {
  const option = search.assignment.choice[need]!
  search.touched[search.touchedCount] = need
  search.before[search.touchedCount++] = option
  if (option >= 0) vacate(search, need)
}

function vacate(search: Search, need: number): void {
  const option = search.assignment.choice[need]!
  search.occupants.exit(option)
  if (search.floored.length > 0) search.loss -= search.shortageCost * optionShortage(search, option)
  release(search.rows, search.assignment, need)
  if (search.floored.length > 0) search.loss += search.shortageCost * optionShortage(search, option)
  search.loss += chargedValue(search, option)
}

/** Units that the accounts which an option uses miss to their floors. */
function optionShortage({ rows, assignment }: Search, option: number): number {
  let missing = 0
  const last = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < last; use++) {
    missing += shortageAt(rows, assignment, rows.useAccounts[use]!)
  }
  return missing
}

/** An option's utility less the share of its priced uses that is charged for. */
function chargedValue({ rows, reduced, charge }: Search, option: number): number {
  const utility = rows.utilities[option]!
  return utility - charge * (utility - reduced[option]!)
}

function undo(search: Search): void {
  const { touched, before, touchedCount, assignment } = search
  for (let i = 0; i < touchedCount; i++) if (assignment.choice[touched[i]!]! >= 0) vacate(search, touched[i]!)
  for (let i = 0; i < touchedCount; i++) if (before[i]! >= 0) put(search, touched[i]!, before[i]!)
}

function shortlistSize(rows: ProblemRows, need: number): number {
  return Math.min(SHORTLIST, rows.needOptions[need + 1]! - rows.needOptions[need]!)
}

/** Per need its options of highest reduced value, best first, in rows of `SHORTLIST`. */
function shortlists(rows: ProblemRows, reduced: Float64Array, scratch: Scratch): Int32Array {
  const lists = scratch.ints(needCount(rows) * SHORTLIST)
  for (let need = 0; need < needCount(rows); need++) {
    const base = need * SHORTLIST
    let size = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (size === SHORTLIST && reduced[option]! <= reduced[lists[base + size - 1]!]!) continue
      let place = size < SHORTLIST ? size++ : size - 1
      for (; place > 0 && reduced[lists[base + place - 1]!]! < reduced[option]!; place--) {
        lists[base + place] = lists[base + place - 1]!
      }
      lists[base + place] = option
    }
  }
  return lists
}

function largest(values: ArrayLike<number>): number {
  let most = 1
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!)
  return most
}

function ownersOfOptions(rows: ProblemRows, scratch: Scratch): Int32Array {
  const owners = scratch.ints(rows.utilities.length)
  for (let need = 0; need < needCount(rows); need++) {
    owners.fill(need, rows.needOptions[need]!, rows.needOptions[need + 1]!)
  }
  return owners
}

function ownersOfNeeds(rows: ProblemRows, scratch: Scratch): Int32Array {
  const owners = scratch.ints(needCount(rows))
  for (let resident = 0; resident + 1 < rows.residentNeeds.length; resident++) {
    owners.fill(resident, rows.residentNeeds[resident]!, rows.residentNeeds[resident + 1]!)
  }
  return owners
}

function meanUtility(assignment: Assignment): number {
  const met = assignment.choice.reduce((sum, option) => sum + (option >= 0 ? 1 : 0), 0)
  return met === 0 ? 0 : assignment.value / met
}
