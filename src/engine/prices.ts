import { needCount, type ProblemRows, residentCount } from './problem.ts'
import { createResidentSolver, type ResidentSolver } from './resident.ts'

/**
 * Prices for the shared accounts, found step by step.
 *
 * Lagrangian relaxation (Fisher 1981): charge every use of a shared account a price ≥ 0 instead of
 * enforcing its limit. Residents then no longer compete, each one's best answer is found exactly, and
 *
 *     D(p) = Σ_accounts price × limit + Σ_residents best(utility − priced uses)
 *
 * is an upper bound on every feasible value. The steps lower D.
 */
export interface Pricing {
  /** Prices of the lowest bound so far, in utility per unit of the account. */
  readonly prices: Float64Array
  /** That bound, in floating point: good for steering, not for claims (see `proveBound`). */
  readonly bound: number
  /** What every need would choose (option or −1) at the prices tried last. */
  readonly choice: Int32Array
  /** Asks every resident at the current prices, then moves the prices. */
  step(): void
}

/** Search nodes per resident in a price step; a cut-off search still gives a valid bound. */
const STEP_NODES = 400
/** Search nodes per resident when the final bound is proved. */
const PROOF_NODES = 20_000
/** Weight of the newest excess in the running average. */
const FRESHNESS = 0.2
/** Weight of the newest excess in the running mean square; much slower, so that it only sets the scale. */
const SQUARE_FRESHNESS = 0.02
/** What remains of the step when the planned steps are over. */
const SMALLEST_STEP = 0.00001

/** How the prices move over the planned steps. */
export interface PricingPlan {
  readonly seed: number
  /** The step length falls over so many steps; further ones keep the smallest length. */
  readonly steps: number
  /** First step length: how far a steady excess moves a price, as a share of the typical price. */
  readonly boldness: number
  /** First prices, in utility per unit of the account. Default 0. */
  readonly start?: Float64Array
}

/** Starts pricing `rows`. */
export function createPricing(rows: ProblemRows, plan: PricingPlan): Pricing {
  const state = createState(rows, plan)
  return {
    prices: state.best,
    get bound() {
      return state.bound
    },
    choice: state.choice,
    step: () => takeStep(state),
  }
}

function createState(rows: ProblemRows, plan: PricingPlan) {
  const accounts = rows.limits.length
  const trial = new Float64Array(accounts)
  if (plan.start !== undefined) trial.set(plan.start)
  return {
    rows,
    plan,
    solver: createResidentSolver(rows, plan.seed),
    typical: typicalPrices(rows),
    trial,
    best: Float64Array.from(trial),
    bound: Number.POSITIVE_INFINITY,
    load: new Float64Array(accounts),
    excess: new Float64Array(accounts),
    square: new Float64Array(accounts),
    choice: new Int32Array(needCount(rows)).fill(-1),
    taken: 0,
  }
}
type State = ReturnType<typeof createState>

/** Utility per unit of each account over all options that use it: the order of magnitude of its price. */
function typicalPrices(rows: ProblemRows): Float64Array {
  const amounts = new Float64Array(rows.limits.length)
  const utilities = new Float64Array(rows.limits.length)
  for (let option = 0; option < rows.utilities.length; option++) {
    for (let use = rows.optionUses[option]!; use < rows.optionUses[option + 1]!; use++) {
      const account = rows.useAccounts[use]!
      amounts[account] = amounts[account]! + rows.useAmounts[use]!
      utilities[account] = utilities[account]! + rows.utilities[option]!
    }
  }
  return utilities.map((sum, account) => (amounts[account]! > 0 ? sum / amounts[account]! : 0))
}

/**
 * One subgradient step (Held, Wolfe & Crowder 1974) with two changes.
 *
 * Each account moves by its typical price times its excess *relative to how large that excess usually is*
 * (a running root mean square, as in RMSProp, Tieleman & Hinton 2012): a fund of a million cents and a
 * class of twelve places differ by orders of magnitude in price and in load, and so share one step length.
 * And the excess is a running average, as in the volume algorithm (Barahona & Anbil 2000), because a tiny
 * change of price flips whole residents and the raw subgradient zigzags.
 *
 * Tried and dropped: excess relative to the limit, cut off at ±1. A class of one place that thirty needs
 * take or leave together then rests where half of the steps overbook it, not where one need takes it on
 * average, and the bound stalls 3–8 % above the LP's. And the volume algorithm's own steps from the best
 * prices with Polyak lengths, which from zero prices were slower by a factor of three than even that.
 */
function takeStep(state: State): void {
  const { rows, plan, trial, load, excess, square } = state
  let bound = loadAndBound(rows, state.solver, trial, state.choice, load)
  for (let account = 0; account < trial.length; account++) bound += trial[account]! * rows.limits[account]!
  if (bound < state.bound) {
    state.bound = bound
    state.best.set(trial)
  }
  const calm = Math.max(0, 1 - state.taken / plan.steps)
  const length = plan.boldness * calm * calm * calm + SMALLEST_STEP
  const fresh = state.taken === 0 ? 1 : FRESHNESS
  const freshSquare = state.taken === 0 ? 1 : SQUARE_FRESHNESS
  for (let account = 0; account < trial.length; account++) {
    const over = load[account]! - rows.limits[account]!
    excess[account] = excess[account]! + fresh * (over - excess[account]!)
    square[account] = square[account]! + freshSquare * (over * over - square[account]!)
    if (square[account]! === 0) continue
    const relative = excess[account]! / Math.sqrt(square[account]!)
    trial[account] = Math.max(0, trial[account]! + length * state.typical[account]! * relative)
  }
  state.taken++
}

/** Solves every resident at `prices`; writes choices and loads, returns the residents' total. */
function loadAndBound(
  rows: ProblemRows,
  solver: ResidentSolver,
  prices: Float64Array,
  choice: Int32Array,
  load: Float64Array,
): number {
  const { optionUses, useAccounts, useAmounts } = rows
  const residents = residentCount(rows)
  let total = 0
  load.fill(0)
  for (let resident = 0; resident < residents; resident++) {
    total += solver.solve(resident, prices, 1, STEP_NODES, choice)
  }
  for (let need = 0; need < choice.length; need++) {
    const option = choice[need]!
    if (option < 0) continue
    const last = optionUses[option + 1]!
    for (let use = optionUses[option]!; use < last; use++) {
      const account = useAccounts[use]!
      load[account] = load[account]! + useAmounts[use]!
    }
  }
  return total
}

/** Prices on an integer scale, and the bound they prove. */
export interface ProvenBound {
  /** Integer price of every shared account; the price in utility per unit is `prices[k] / scale`. */
  readonly prices: Float64Array
  /** A power of two. */
  readonly scale: number
  /** An integer that no feasible assignment exceeds. */
  readonly bound: number
}

/**
 * Rounds `prices` to integers over a power of two and proves their bound in integer arithmetic: the
 * scale is the largest at which every sum stays below 2^53, where doubles are exact. Should the prices
 * be so poor that their bound leaves that range, zero prices take their place.
 */
export function proveBound(rows: ProblemRows, seed: number, prices: Float64Array): ProvenBound {
  const scale = exactScale(rows)
  const scaled = prices.map((price) => Math.round(price * scale))
  const bound = scaledBound(rows, seed, scaled, scale)
  if (Number.isSafeInteger(bound)) return { prices: scaled, scale, bound: Math.floor(bound / scale) }
  scaled.fill(0)
  return { prices: scaled, scale, bound: Math.floor(scaledBound(rows, seed, scaled, scale) / scale) }
}

/** Half of the exact range for the residents' total, half for the accounts. */
function exactScale(rows: ProblemRows): number {
  let most = 1
  for (let need = 0; need < needCount(rows); need++) {
    let best = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      best = Math.max(best, rows.utilities[option]!)
    }
    most += best
  }
  let scale = 1
  while (most * scale * 2 <= 2 ** 52) scale *= 2
  return scale
}

function scaledBound(rows: ProblemRows, seed: number, scaled: Float64Array, scale: number): number {
  const solver = createResidentSolver(rows, seed)
  const choice = new Int32Array(needCount(rows))
  let total = 0
  for (let account = 0; account < scaled.length; account++) {
    total += scaled[account]! * rows.limits[account]!
  }
  for (let resident = 0; resident < residentCount(rows); resident++) {
    total += solver.solve(resident, scaled, scale, PROOF_NODES, choice)
  }
  return total
}
