import { type ProblemRows, residentCount } from './problem.ts'
import { lot } from './random.ts'

/** Solves one resident's part of the problem at given prices. */
export interface ResidentSolver {
  /**
   * The largest total of `unit × utility − Σ amount × price` over the choices of one resident, under the
   * resident's private accounts; writes that choice (option or −1 per need) into `choice`.
   *
   * Exact when the search ends within `nodeLimit` nodes; otherwise the returned total ignores the
   * private accounts (so it is never too small) and `choice` is merely a good one.
   */
  solve(resident: number, prices: Float64Array, unit: number, nodeLimit: number, choice: Int32Array): number
}

/** Beyond this many needs that compete for private accounts, one resident's search is not attempted. */
const DEEPEST = 200

/** So many of a need's best options are asked whether they make a worse one superfluous. */
const MOST_JUDGES = 16

/**
 * A solver for `rows` with its scratch memory, which leaves out options that are not `usable`. All arithmetic is exact
 * when prices and unit are integers and unit × utility + the rewards of negative prices stays below 2^53: a
 * partial sum is either exact or already so negative that the option cannot be chosen.
 */
export function createResidentSolver(rows: ProblemRows, seed: number, usable?: Uint8Array): ResidentSolver {
  const scratch = createScratch(rows, seed, usable)
  return {
    solve(resident, prices, unit, nodeLimit, choice) {
      const total = chooseFreely(scratch, resident, prices, unit, choice)
      if (privateAccountsHold(scratch, resident, choice)) return total
      return searchUnderPrivateAccounts(scratch, resident, nodeLimit, choice, total)
    },
  }
}

function createScratch(rows: ProblemRows, seed: number, usable: Uint8Array | undefined) {
  let mostNeeds = 0
  let mostOptions = 0
  for (let resident = 0; resident < residentCount(rows); resident++) {
    const first = rows.residentNeeds[resident]!
    const last = rows.residentNeeds[resident + 1]!
    mostNeeds = Math.max(mostNeeds, last - first)
    mostOptions = Math.max(mostOptions, rows.needOptions[last]! - rows.needOptions[first]!)
  }
  return {
    rows,
    seed,
    usable: usable ?? new Uint8Array(rows.utilities.length).fill(1),
    /** Reduced value of every option of the current resident, from its first option on. */
    reduced: new Float64Array(mostOptions),
    /** Option candidates of each searched need, best first. */
    candidates: new Int32Array(mostOptions),
    candidateStart: new Int32Array(mostNeeds + 1),
    searched: new Int32Array(mostNeeds),
    /** Most that the needs from depth d on can still add. */
    reach: new Float64Array(mostNeeds + 1),
    path: new Int32Array(mostNeeds),
    bestPath: new Int32Array(mostNeeds),
    room: Float64Array.from(rows.privateLimits),
    firstOption: 0,
    depthCount: 0,
    best: 0,
    nodesLeft: 0,
  }
}
type Scratch = ReturnType<typeof createScratch>

/** Each need's best option, as if there were no private accounts. */
function chooseFreely(
  scratch: Scratch,
  resident: number,
  prices: Float64Array,
  unit: number,
  choice: Int32Array,
): number {
  const { rows, reduced, seed, usable } = scratch
  const { needOptions, optionUses, useAccounts, useAmounts, utilities } = rows
  const lastNeed = rows.residentNeeds[resident + 1]!
  const firstNeed = rows.residentNeeds[resident]!
  const firstOption = needOptions[firstNeed]!
  scratch.firstOption = firstOption
  let total = 0
  for (let need = firstNeed; need < lastNeed; need++) {
    let best = -1
    let bestValue = 0
    const lastOption = needOptions[need + 1]!
    for (let option = needOptions[need]!; option < lastOption; option++) {
      if (usable[option] === 0) {
        reduced[option - firstOption] = -1
        continue
      }
      let value = utilities[option]! * unit
      const lastUse = optionUses[option + 1]!
      for (let use = optionUses[option]!; use < lastUse; use++)
        value -= useAmounts[use]! * prices[useAccounts[use]!]!
      reduced[option - firstOption] = value
      if (value < bestValue || value <= 0) continue
      if (value === bestValue && lot(seed, option) >= lot(seed, best)) continue
      bestValue = value
      best = option
    }
    choice[need] = best
    total += bestValue
  }
  return total
}

function privateAccountsHold(scratch: Scratch, resident: number, choice: Int32Array): boolean {
  const { rows, room } = scratch
  const firstAccount = rows.residentAccounts[resident]!
  const lastAccount = rows.residentAccounts[resident + 1]!
  if (firstAccount === lastAccount) return true
  const lastNeed = rows.residentNeeds[resident + 1]!
  let hold = true
  for (let need = rows.residentNeeds[resident]!; need < lastNeed; need++) {
    if (choice[need]! >= 0 && !spend(rows, room, choice[need]!)) hold = false
  }
  for (let account = firstAccount; account < lastAccount; account++) {
    room[account] = rows.privateLimits[account]!
  }
  return hold
}

/** Takes an option's private uses out of `room`; false if an account went below zero. */
function spend(rows: ProblemRows, room: Float64Array, option: number): boolean {
  let hold = true
  const last = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < last; use++) {
    const account = rows.privateUseAccounts[use]!
    const left = room[account]! - rows.privateUseAmounts[use]!
    room[account] = left
    if (left < 0) hold = false
  }
  return hold
}

function giveBack(rows: ProblemRows, room: Float64Array, option: number): void {
  const last = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < last; use++) {
    const account = rows.privateUseAccounts[use]!
    room[account] = room[account]! + rows.privateUseAmounts[use]!
  }
}

/**
 * Depth-first branch and bound over the needs whose best option spends a private account; the other
 * needs keep their best option, which costs the resident nothing. A greedy choice comes first: only options
 * that lose less against their need's best than it does are worth a look, and mostly few are.
 */
function searchUnderPrivateAccounts(
  scratch: Scratch,
  resident: number,
  nodeLimit: number,
  choice: Int32Array,
  total: number,
): number {
  const { rows, searched, reach, bestPath, reduced, firstOption } = scratch
  let depth = 0
  for (let need = rows.residentNeeds[resident]!; need < rows.residentNeeds[resident + 1]!; need++) {
    const option = choice[need]!
    if (option >= 0 && rows.optionPrivateUses[option] !== rows.optionPrivateUses[option + 1]) {
      searched[depth++] = need
    }
  }
  if (depth > DEEPEST) return total
  scratch.depthCount = depth
  reach[depth] = 0
  for (let d = depth - 1; d >= 0; d--)
    reach[d] = reach[d + 1]! + reduced[choice[searched[d]!]! - firstOption]!
  scratch.best = 0
  bestPath.fill(-1, 0, depth)
  chooseGreedily(scratch, 0, 1)
  if (depth > 1) chooseGreedily(scratch, depth - 1, -1)
  scratch.nodesLeft = nodeLimit
  gatherCandidates(scratch)
  descend(scratch, 0, 0)
  for (let d = 0; d < depth; d++) choice[searched[d]!] = bestPath[d]!
  return scratch.nodesLeft > 0 ? total - reach[0]! + scratch.best : total
}

/** Searched needs, first to last or last to first, take the best option that fits beside the ones before. */
function chooseGreedily(scratch: Scratch, from: number, step: 1 | -1): void {
  const { rows, searched, path, bestPath, room, reduced, firstOption, depthCount } = scratch
  let value = 0
  for (let d = from; d >= 0 && d < depthCount; d += step) {
    let best = -1
    let bestValue = 0
    const last = rows.needOptions[searched[d]! + 1]!
    for (let option = rows.needOptions[searched[d]!]!; option < last; option++) {
      const worth = reduced[option - firstOption]!
      if (worth <= bestValue || !affordable(rows, room, option)) continue
      bestValue = worth
      best = option
    }
    path[d] = best
    value += bestValue
    if (best >= 0) spend(rows, room, best)
  }
  for (let d = 0; d < depthCount; d++) if (path[d]! >= 0) giveBack(rows, room, path[d]!)
  if (value <= scratch.best) return
  scratch.best = value
  for (let d = 0; d < depthCount; d++) bestPath[d] = path[d]!
}

function affordable(rows: ProblemRows, room: Float64Array, option: number): boolean {
  const last = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < last; use++) {
    if (rows.privateUseAmounts[use]! > room[rows.privateUseAccounts[use]!]!) return false
  }
  return true
}

/**
 * Lists, per searched need, the options worth taking, best first (Shell's sort: in place, no memory): with
 * everything else at its best, they still beat the best choice so far.
 */
function gatherCandidates(scratch: Scratch): void {
  const { rows, reduced, candidates, candidateStart, searched, reach, firstOption, depthCount } = scratch
  const slack = reach[0]! - scratch.best
  let end = 0
  for (let d = 0; d < depthCount; d++) {
    const need = searched[d]!
    const least = Math.max(0, reach[d]! - reach[d + 1]! - slack)
    candidateStart[d] = end
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (reduced[option - firstOption]! > least) candidates[end++] = option
    }
    sortByReduced(candidates, candidateStart[d]!, end, reduced, firstOption)
    end = dropDominated(rows, candidates, candidateStart[d]!, end)
  }
  candidateStart[depthCount] = end
}

/** Drops candidates that spend at least as much as a better one of the same need; returns the new end. */
function dropDominated(rows: ProblemRows, candidates: Int32Array, from: number, to: number): number {
  let end = from
  for (let i = from; i < to; i++) {
    const option = candidates[i]!
    let dominated = false
    const judges = Math.min(end, from + MOST_JUDGES)
    for (let j = from; j < judges && !dominated; j++) dominated = spendsNoMore(rows, candidates[j]!, option)
    if (!dominated) candidates[end++] = option
  }
  return end
}

/** Whether `option` uses of no private account more than `other`. Uses are in the order of the accounts. */
function spendsNoMore(rows: ProblemRows, option: number, other: number): boolean {
  const { privateUseAccounts, privateUseAmounts } = rows
  let at = rows.optionPrivateUses[other]!
  const end = rows.optionPrivateUses[other + 1]!
  const last = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < last; use++, at++) {
    const account = privateUseAccounts[use]!
    while (at < end && privateUseAccounts[at]! < account) at++
    if (at === end || privateUseAccounts[at] !== account) return false
    if (privateUseAmounts[use]! > privateUseAmounts[at]!) return false
  }
  return true
}

function sortByReduced(
  options: Int32Array,
  from: number,
  to: number,
  reduced: Float64Array,
  firstOption: number,
): void {
  let gap = 1
  while (gap < (to - from) / 3) gap = gap * 3 + 1
  for (; gap >= 1; gap = (gap - 1) / 3) {
    for (let i = from + gap; i < to; i++) {
      const option = options[i]!
      const value = reduced[option - firstOption]!
      let j = i
      for (; j >= from + gap && reduced[options[j - gap]! - firstOption]! < value; j -= gap) {
        options[j] = options[j - gap]!
      }
      options[j] = option
    }
  }
}

function descend(scratch: Scratch, depth: number, value: number): void {
  const { rows, candidates, candidateStart, reach, path, room, reduced, firstOption } = scratch
  if (value > scratch.best) {
    scratch.best = value
    for (let d = 0; d < scratch.depthCount; d++) scratch.bestPath[d] = d < depth ? path[d]! : -1
  }
  if (depth === scratch.depthCount || scratch.nodesLeft <= 0) return
  let needsNothing = false
  for (let i = candidateStart[depth]!; i < candidateStart[depth + 1]! && !needsNothing; i++) {
    const option = candidates[i]!
    const next = value + reduced[option - firstOption]!
    if (next + reach[depth + 1]! <= scratch.best) return
    if (--scratch.nodesLeft <= 0) return
    path[depth] = option
    if (spend(rows, room, option)) descend(scratch, depth + 1, next)
    giveBack(rows, room, option)
    // Nothing further down can beat an option that is both better and free.
    needsNothing = rows.optionPrivateUses[option] === rows.optionPrivateUses[option + 1]
  }
  if (needsNothing || value + reach[depth + 1]! <= scratch.best) return
  path[depth] = -1
  descend(scratch, depth + 1, value)
}
