import { type Assignment, release, take } from './assignment.ts'
import { type AccountRef, useOf } from './neighborhood-problem.ts'
import { needCount, type ProblemRows, residentCount } from './problem.ts'
import { lot } from './random.ts'
import { reducedValue } from './repair.ts'
import type { Solution } from './solve.ts'

/** Who would have to do with a need's getting room in an account. */
export interface Neighborhoods {
  /**
   * Writes the members of the neighborhood of an unmet `need` and a raised account into `members`, at most
   * `size` of them, the need first; returns how many. The same arguments always give the same members.
   */
  gather(need: number, raised: AccountRef, size: number, members: Int32Array): number
}

/** Needs kept per account that would like to have more of it. */
const RIVALS_KEPT = 4
/** Other needs of the same resident that take part. */
const MOST_SIBLINGS = 3
/** Holders looked at when one should step aside: those who lose least per unit. */
const HOLDERS_SEEN = 32
/** Holders of the raised account, and of each other account in the way, that are asked to step aside. */
const OWN_GIVERS = 3
const OTHER_GIVERS = 2

/**
 * Prepares the neighborhoods of a solution: one pass over all options.
 *
 * Members, in this order, are the need; its resident's other needs, with whom it shares private accounts;
 * the rivals, for whom more of the raised account alone is enough to gain, most per missing unit first; and
 * givers: holders of accounts in the way who lose least by stepping aside, of the raised account first, then
 * of the other accounts that block the need's options in the order of their reduced value. A problem of no
 * more than `size` needs is its own neighborhood.
 */
export function createNeighborhoods(
  rows: ProblemRows,
  solution: Solution,
  assignment: Assignment,
): Neighborhoods {
  const state = createState(rows, solution, assignment)
  for (let need = 0; need < needCount(rows); need++) survey(state, need)
  listHolders(state)
  return {
    gather: (need, raised, size, members) => gather(state, need, raised, size, members),
  }
}

function createState(rows: ProblemRows, { choice, prices, scale }: Solution, assignment: Assignment) {
  const needs = needCount(rows)
  return {
    rows,
    choice,
    prices: prices.map((price) => price / scale),
    assignment,
    residentOf: ownersOfNeeds(rows),
    /** What a need that is met loses by taking the best other option that fits as things stand, or none. */
    loss: new Float64Array(needs),
    rivals: new Int32Array(rows.limits.length * RIVALS_KEPT).fill(-1),
    rivalWorth: new Float64Array(rows.limits.length * RIVALS_KEPT),
    holderStart: new Int32Array(rows.limits.length + 1),
    holders: new Int32Array(0) as Int32Array,
    /** The options of `rankedNeed` by falling reduced value. */
    ranked: [] as number[],
    rankedNeed: -1,
    /** Need → the last gathering it became a member in. */
    seen: new Int32Array(needs),
    gathering: 0,
    members: new Int32Array(0) as Int32Array,
    count: 0,
    size: 0,
  }
}
type State = ReturnType<typeof createState>

function ownersOfNeeds(rows: ProblemRows): Int32Array {
  const owners = new Int32Array(needCount(rows))
  for (let resident = 0; resident < residentCount(rows); resident++) {
    owners.fill(resident, rows.residentNeeds[resident]!, rows.residentNeeds[resident + 1]!)
  }
  return owners
}

/** Finds what a need could have instead, as things stand, and which account alone keeps it from better. */
function survey(state: State, need: number): void {
  const { rows, assignment, choice } = state
  const held = choice[need]!
  const utility = held < 0 ? 0 : rows.utilities[held]!
  let instead = 0
  if (held >= 0) release(rows, assignment, need)
  for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
    if (option === held) continue
    const use = onlyBlocker(rows, assignment, option)
    if (use === NOTHING) instead = Math.max(instead, rows.utilities[option]!)
    else if (use !== SEVERAL && rows.utilities[option]! > utility) {
      const missing = rows.useAmounts[use]! - assignment.room[rows.useAccounts[use]!]!
      addRival(state, rows.useAccounts[use]!, need, (rows.utilities[option]! - utility) / missing)
    }
  }
  if (held >= 0) take(rows, assignment, need, held)
  state.loss[need] = Math.max(0, utility - instead)
}

const NOTHING = -1
const SEVERAL = -2

/** The one use of a shared account that does not fit; `SEVERAL` also stands for a private account. */
function onlyBlocker(rows: ProblemRows, { room, privateRoom }: Assignment, option: number): number {
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    if (rows.privateUseAmounts[use]! > privateRoom[rows.privateUseAccounts[use]!]!) return SEVERAL
  }
  let blocker = NOTHING
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    if (rows.useAmounts[use]! <= room[rows.useAccounts[use]!]!) continue
    if (blocker !== NOTHING) return SEVERAL
    blocker = use
  }
  return blocker
}

/** Keeps the `RIVALS_KEPT` needs that gain most per missing unit; a need with two options counts once. */
function addRival({ rivals, rivalWorth }: State, account: number, need: number, worth: number): void {
  const from = account * RIVALS_KEPT
  let place = from
  for (; place < from + RIVALS_KEPT - 1; place++) if (rivals[place] === need || rivals[place]! < 0) break
  if (rivals[place]! >= 0 && rivalWorth[place]! >= worth) return
  for (; place > from && rivalWorth[place - 1]! < worth; place--) {
    rivals[place] = rivals[place - 1]!
    rivalWorth[place] = rivalWorth[place - 1]!
  }
  rivals[place] = need
  rivalWorth[place] = worth
}

/** Lists who holds each shared account, by rising loss per unit. */
function listHolders(state: State): void {
  const { rows, choice, holderStart, loss } = state
  forEachHolding(rows, choice, (account) => {
    holderStart[account + 1] = holderStart[account + 1]! + 1
  })
  for (let account = 0; account < rows.limits.length; account++) {
    holderStart[account + 1] = holderStart[account + 1]! + holderStart[account]!
  }
  const next = holderStart.slice()
  const total = holderStart[rows.limits.length]!
  const needs = new Int32Array(total)
  const rate = new Float64Array(total)
  forEachHolding(rows, choice, (account, amount, need) => {
    needs[next[account]!] = need
    rate[next[account]!] = loss[need]! / amount
    next[account] = next[account]! + 1
  })
  const order = Int32Array.from(needs.keys())
  for (let account = 0; account < rows.limits.length; account++) {
    order
      .subarray(holderStart[account]!, holderStart[account + 1]!)
      .sort((a, b) => rate[a]! - rate[b]! || lot(1, needs[a]!) - lot(1, needs[b]!))
  }
  state.holders = order.map((place) => needs[place]!)
}

function forEachHolding(
  rows: ProblemRows,
  choice: Int32Array,
  visit: (account: number, amount: number, need: number) => void,
): void {
  for (let need = 0; need < choice.length; need++) {
    const option = choice[need]!
    if (option < 0) continue
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      visit(rows.useAccounts[use]!, rows.useAmounts[use]!, need)
    }
  }
}

function gather(state: State, need: number, raised: AccountRef, size: number, members: Int32Array): number {
  const { rows, residentOf } = state
  state.gathering++
  state.members = members
  state.count = 0
  state.size = size
  add(state, need)
  if (needCount(rows) <= size) {
    for (let other = 0; other < needCount(rows); other++) add(state, other)
    return state.count
  }
  const resident = residentOf[need]!
  const lastSibling = rows.residentNeeds[resident + 1]!
  for (
    let other = rows.residentNeeds[resident]!;
    other < lastSibling && state.count <= MOST_SIBLINGS;
    other++
  ) {
    add(state, other)
  }
  if (raised.kind === 'shared') {
    for (let i = 0; i < RIVALS_KEPT; i++) add(state, state.rivals[raised.account * RIVALS_KEPT + i]!)
  }
  askHolders(state, need, raised)
  return state.count
}

function add(state: State, need: number): void {
  if (need < 0 || state.count === state.size || state.seen[need] === state.gathering) return
  state.seen[need] = state.gathering
  state.members[state.count++] = need
}

/** Adds holders of what is in the way of the options that use the raised account, best option first. */
function askHolders(state: State, need: number, raised: AccountRef): void {
  const { rows } = state
  const ranked = rankOptions(state, need)
  let mostUtility = 0
  for (const option of ranked) mostUtility = Math.max(mostUtility, rows.utilities[option]!)
  let asked = raised.kind === 'private'
  for (const option of ranked) {
    const amount = useOf(rows, option, raised)
    if (amount === 0) continue
    if (!asked) addGivers(state, raised.account, amount, OWN_GIVERS, mostUtility)
    asked = true
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      const account = rows.useAccounts[use]!
      if (raised.kind === 'shared' && account === raised.account) continue
      addGivers(state, account, rows.useAmounts[use]!, OTHER_GIVERS, mostUtility)
    }
    if (state.count === state.size) return
  }
}

function rankOptions(state: State, need: number): number[] {
  const { rows, prices } = state
  if (state.rankedNeed === need) return state.ranked
  const first = rows.needOptions[need]!
  const last = rows.needOptions[need + 1]!
  const value = Float64Array.from({ length: last - first }, (_, i) => reducedValue(rows, prices, first + i))
  state.rankedNeed = need
  state.ranked = Array.from(value.keys())
    .sort((a, b) => value[b]! - value[a]! || a - b)
    .map((place) => first + place)
  return state.ranked
}

/**
 * Adds up to `most` holders of an account that lacks room for `amount`: those who lose least per unit that
 * is missing. Who would lose as much as the need could gain is not asked.
 */
function addGivers(state: State, account: number, amount: number, most: number, utility: number): void {
  const { rows, choice, loss, holders, holderStart, seen, assignment } = state
  const missing = amount - assignment.room[account]!
  const last = Math.min(holderStart[account + 1]!, holderStart[account]! + HOLDERS_SEEN)
  for (let added = 0; added < most && missing > 0; added++) {
    let giver = -1
    let least = utility / missing
    for (let place = holderStart[account]!; place < last; place++) {
      const holder = holders[place]!
      if (seen[holder] === state.gathering) continue
      const gives = Math.min(missing, useOf(rows, choice[holder]!, { kind: 'shared', account }))
      if (loss[holder]! / gives >= least) continue
      least = loss[holder]! / gives
      giver = holder
    }
    add(state, giver)
  }
}
