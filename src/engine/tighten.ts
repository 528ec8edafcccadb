import {
  DECOMPOSITION_LIMITS,
  type Decomposition,
  type DecompositionLimits,
  decompose,
} from './decomposition.ts'
import { createKnapsackSolver, type KnapsackSolver, knapsackCells } from './knapsack.ts'
import type { ProvenBound } from './prices.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { createResidentSolver, type ResidentSolver } from './resident.ts'
import type { Workplace } from './workplace.ts'

/**
 * What every use of some accounts is charged, instead of price × amount.
 *
 * For any charges ≥ 0, no feasible assignment is worth more than
 *
 *     Σ_residents best(utility − priced uses − charges)  +  Σ_charged accounts most(charges packed into limit)
 *     +  Σ_other accounts price × limit
 *
 * because what the residents pay in charges is packed into the limits.
 */
export interface UseCharges {
  /** The charged accounts, ascending; their prices prove nothing. */
  readonly accounts: Int32Array
  /** Place in `accounts` → range of `amounts`. */
  readonly starts: Int32Array
  /**
   * Times `scale`: account by account, of every use in the order of the problem. Options that do not fit into
   * the empty accounts on their own are part of no assignment and left out.
   */
  readonly amounts: Int32Array
  /** A power of two, also below 1; divides the scale of the prices. */
  readonly scale: number
}

/** A bound below that of the prices alone, and the charges that prove it together with the prices. */
export interface TightenedBound {
  /** An integer that no feasible assignment exceeds. */
  readonly bound: number
  readonly charges: UseCharges
}

/** What was priced. */
export type Priced = Pick<Workplace, 'rows' | 'usable' | 'seed'>

/** How to look for charges. */
export interface TightenPlan {
  /** Rounds, each one subgradient step. */
  readonly rounds: number
  /** A value that is known to be reached: a bound that proves it optimal is good enough. */
  readonly goal: number
  /** Asked between rounds. */
  readonly stopped: () => boolean
  /** Default `DECOMPOSITION_LIMITS`. */
  readonly limits?: DecompositionLimits
}

/** Search nodes per resident in a round. Charges make options nearly equal, so it takes more than prices do. */
const STEP_NODES = 5000
/** Search nodes per resident in the proof. */
const PROOF_NODES = 20_000
/** First step length, as a share of the mean charge of a packed use. */
const BOLDNESS = 0.12
/** Weight of the newest pull in its running average. */
const FRESHNESS = 0.3
/** Weight of the newest pull in its running mean square. */
const SQUARE_FRESHNESS = 0.05
/** Added to the root mean square: a use that is pulled once in a hundred rounds must not jump. */
const STEADINESS = 0.1
/** Most that a rounded charge may be: seven digits in a result file. */
const MOST_CHARGE = 2 ** 20

/**
 * Looks for charges that prove less than `proof`, the bound of the prices; undefined where it finds none.
 * Charges start at price × amount, where the two bounds are equal or the charges' is lower.
 */
export function tightenBound(
  place: Priced,
  proof: ProvenBound,
  plan: TightenPlan,
): TightenedBound | undefined {
  const decomposition = decompose(place.rows, place.usable, proof.prices, plan.limits ?? DECOMPOSITION_LIMITS)
  if (decomposition.accounts.length === 0) return undefined
  const search = startSearch(place, decomposition, proof, plan)
  for (let round = 0; round < plan.rounds && !plan.stopped(); round++) {
    if (Math.floor((search.bound + search.sides.rewards) / proof.scale) <= plan.goal) break
    takeStep(search, round)
  }
  const charges = roundCharges(search)
  const bound = proveCharges(place, proof, decomposition, charges)
  return bound < proof.bound ? { bound, charges } : undefined
}

/** All figures are times the scale of the prices, so that the search and the proof do the same. */
function startSearch(place: Priced, decomposition: Decomposition, proof: ProvenBound, plan: TightenPlan) {
  const sides = createSides(place, decomposition, proof)
  const { itemOptions } = decomposition
  const count = itemOptions.length
  const trial = priceCharges(place, decomposition, proof)
  const bound = solveSides(sides, trial, STEP_NODES)
  return {
    rows: place.rows,
    decomposition,
    proof,
    sides,
    rounds: plan.rounds,
    trial,
    best: trial.slice(),
    bound,
    typical: meanPacked(sides, trial),
    pull: new Float64Array(count),
    square: new Float64Array(count),
  }
}
type Search = ReturnType<typeof startSearch>

/** The residents' side and the accounts' side, with what they chose last. */
interface Sides {
  readonly decomposition: Decomposition
  readonly rows: ProblemRows
  readonly prices: Float64Array
  readonly scale: number
  /** Utility × scale − charges of every option; what `residents` looks at. */
  readonly effective: Float64Array
  readonly residents: ResidentSolver
  readonly knapsacks: KnapsackSolver
  /** What the residents that no charge concerns are worth. */
  readonly settled: number
  /** Σ price × limit of the accounts that keep their price. */
  readonly priced: number
  /** Σ price × floor of those whose price is negative. */
  readonly rewards: number
  /** Need → option or −1. */
  readonly choice: Int32Array
  /** Group → packed item or −1. */
  readonly packed: Int32Array
}

function createSides(
  { rows, usable, seed }: Priced,
  decomposition: Decomposition,
  { prices, scale }: ProvenBound,
): Sides {
  const { accounts, accountGroups, capacities, rest } = decomposition
  const effective = Float64Array.from(rows.utilities, (utility) => utility * scale)
  const residents = createResidentSolver({ ...rest, utilities: effective }, seed, usable)
  const choice = new Int32Array(needCount(rows)).fill(-1)
  let mostCells = 0
  let mostCapacity = 0
  for (let place = 0; place < accounts.length; place++) {
    const groups = accountGroups[place + 1]! - accountGroups[place]!
    mostCells = Math.max(mostCells, knapsackCells(groups, capacities[place]!))
    mostCapacity = Math.max(mostCapacity, capacities[place]!)
  }
  let settled = 0
  for (const resident of otherResidents(rows, decomposition)) {
    settled += residents.solve(resident, prices, 1, PROOF_NODES, choice)
  }
  return {
    decomposition,
    rows,
    prices,
    scale,
    effective,
    residents,
    knapsacks: createKnapsackSolver(mostCells, mostCapacity),
    settled,
    ...priceOthers(rows, decomposition, prices),
    choice,
    packed: new Int32Array(accountGroups[accounts.length]!),
  }
}

function priceOthers({ limits, floors }: ProblemRows, { accounts }: Decomposition, prices: Float64Array) {
  let priced = 0
  let rewards = 0
  let place = 0
  for (let account = 0; account < prices.length; account++) {
    const price = prices[account]!
    if (accounts[place] === account) place++
    else if (price < 0) rewards += price * floors[account]!
    else priced += price * limits[account]!
  }
  return { priced, rewards }
}

function* otherResidents(rows: ProblemRows, { residents }: Decomposition): Generator<number> {
  let place = 0
  for (let resident = 0; resident + 1 < rows.residentNeeds.length; resident++) {
    if (residents[place] === resident) place++
    else yield resident
  }
}

/** Price × amount of every item. */
function priceCharges(
  { rows: { useAccounts, useAmounts, optionUses, limits }, usable }: Priced,
  { accounts, optionItems, optionItemStarts, itemOptions }: Decomposition,
  { prices }: ProvenBound,
): Float64Array {
  const isCharged = new Uint8Array(limits.length)
  for (const account of accounts) isCharged[account] = 1
  const charges = new Float64Array(itemOptions.length)
  for (let option = 0; option + 1 < optionUses.length; option++) {
    let place = optionItemStarts[option]!
    if (usable[option] === 0) continue
    for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
      const account = useAccounts[use]!
      if (isCharged[account] === 1) charges[optionItems[place++]!] = prices[account]! * useAmounts[use]!
    }
  }
  return charges
}

/**
 * Lets every resident choose and every account pack at these charges; returns the bound without `rewards`. All its terms
 * are ≥ 0, so a sum that leaves the exact range shows in the end.
 */
function solveSides(sides: Sides, charges: Float64Array, nodes: number): number {
  const { decomposition, rows, effective, residents, knapsacks, prices, scale, choice, packed } = sides
  const { optionItemStarts, optionItems, accountGroups, capacities, groups } = decomposition
  for (let option = 0; option < effective.length; option++) {
    const last = optionItemStarts[option + 1]!
    let place = optionItemStarts[option]!
    if (place === last) continue
    let value = rows.utilities[option]! * scale
    for (; place < last; place++) value -= charges[optionItems[place]!]!
    effective[option] = value
  }
  let total = sides.settled + sides.priced
  for (let i = 0; i < decomposition.residents.length; i++) {
    total += residents.solve(decomposition.residents[i]!, prices, 1, nodes, choice)
  }
  for (let place = 0; place < capacities.length; place++) {
    const from = accountGroups[place]!
    total += knapsacks.maximum(groups, from, accountGroups[place + 1]!, capacities[place]!, charges, packed)
  }
  return total
}

function meanPacked({ packed }: Sides, charges: Float64Array): number {
  let total = 0
  let count = 0
  for (const item of packed) {
    if (item < 0) continue
    total += charges[item]!
    count++
  }
  return count === 0 ? 0 : total / count
}

/**
 * One subgradient step: a use that its resident chose and its account did not pack gets dearer, one packed
 * and not chosen gets cheaper. As in `prices.ts`, the pull is a running average (the volume algorithm) over
 * its usual size (RMSProp).
 *
 * Measured on three towns of 1,000 needs with 200 rounds, in per cent of the gap that they close: 27 so, 25
 * without the division, 19 with Polyak's step length (target: the best value), nothing with steps from the
 * best charges. Passing min-marginals back and forth (block-coordinate descent), which never gets worse from
 * one round to the next, rests at 15 in one of them.
 */
function takeStep(search: Search, round: number): void {
  const { decomposition, sides, trial, pull, square, typical, rounds } = search
  const { groups, groupNeeds, itemOptions } = decomposition
  const calm = 1 - round / rounds
  const length = BOLDNESS * calm * calm * typical
  const fresh = round === 0 ? 1 : FRESHNESS
  const freshSquare = round === 0 ? 1 : SQUARE_FRESHNESS
  for (let group = 0; group < groupNeeds.length; group++) {
    const chosen = sides.choice[groupNeeds[group]!]!
    const packed = sides.packed[group]!
    const last = groups.starts[group + 1]!
    for (let item = groups.starts[group]!; item < last; item++) {
      const now = (itemOptions[item] === chosen ? 1 : 0) - (item === packed ? 1 : 0)
      pull[item]! += fresh * (now - pull[item]!)
      square[item]! += freshSquare * (now * now - square[item]!)
      if (square[item] === 0) continue
      const relative = pull[item]! / (Math.sqrt(square[item]!) + STEADINESS)
      trial[item] = Math.max(0, trial[item]! + length * relative)
    }
  }
  const bound = solveSides(sides, trial, STEP_NODES)
  if (bound >= search.bound) return
  search.bound = bound
  search.best.set(trial)
}

/**
 * The best charges as integers of few digits. More than its option's utility is never charged: the option is
 * out of the question anyway, and so no sum of charges leaves the range in which the prices' proof is exact.
 */
function roundCharges({ rows, decomposition, best, proof }: Search): UseCharges {
  const { accounts, accountGroups, groups, itemOptions } = decomposition
  let most = 0
  for (const charge of best) most = Math.max(most, charge)
  let unit = 1
  while (most / unit > MOST_CHARGE) unit *= 2
  const amounts = Int32Array.from(best, (charge, item) => {
    const utility = rows.utilities[itemOptions[item]!]! * proof.scale
    return Math.min(Math.round(charge / unit), Math.floor(utility / unit))
  })
  const starts = accountGroups.map((group) => groups.starts[group]!)
  return { accounts, starts, amounts, scale: proof.scale / unit }
}

/**
 * The bound that `charges` and the prices of the other accounts prove, in integers. The charges must be those
 * of `decomposition`, at most utility × scale each; the bound is infinite where sums leave the exact range.
 */
export function proveCharges(
  place: Priced,
  proof: ProvenBound,
  decomposition: Decomposition,
  charges: UseCharges,
): number {
  const sides = createSides(place, decomposition, proof)
  const unit = proof.scale / charges.scale
  const exact = Float64Array.from(charges.amounts, (amount) => amount * unit)
  const total = solveSides(sides, exact, PROOF_NODES)
  const isExact = Number.isSafeInteger(total) && Number.isSafeInteger(sides.rewards)
  return isExact ? Math.floor((total + sides.rewards) / proof.scale) : Number.POSITIVE_INFINITY
}
