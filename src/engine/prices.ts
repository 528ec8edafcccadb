import { needCount, type ProblemRows } from './problem.ts'
import { gather, type Team } from './team.ts'
import { FIGURE, JOB, type Workplace } from './workplace.ts'

/**
 * Prices for the shared accounts, found step by step.
 *
 * Lagrangian relaxation (Fisher 1981): charge every use of a shared account a price ≥ 0 instead of
 * enforcing its limit. Residents then no longer compete, each one's best answer is found exactly, and
 *
 *     D(p) = Σ_accounts price × limit + Σ_residents best(utility − priced uses)
 *
 * is an upper bound on every feasible value. The steps lower D.
 *
 * An account with a floor may have a negative price, a reward per unit that its uses earn; what it adds to D
 * is then price × floor, because a feasible assignment earns that reward at least floor times.
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
const STEP_NODES = 5000
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

/** Starts pricing `rows`, by the team of a larger run or by this thread alone. */
export function createPricing(
  rows: ProblemRows,
  plan: PricingPlan,
  team: Team = gather(rows, plan.seed),
): Pricing {
  const state = createState(plan, team)
  return {
    prices: state.best,
    get bound() {
      return state.bound
    },
    choice: team.place.wanted,
    step: () => takeStep(state),
  }
}

function createState(plan: PricingPlan, team: Team) {
  const { place } = team
  const accounts = place.rows.limits.length
  for (let account = 0; account < accounts; account++) {
    place.prices[account] = allowed(place.rows.floors[account]!, 0, plan.start?.[account] ?? 0)
  }
  return {
    plan,
    team,
    place,
    best: Float64Array.from(place.prices),
    bound: Number.POSITIVE_INFINITY,
    load: new Float64Array(accounts),
    excess: new Float64Array(accounts),
    square: new Float64Array(accounts),
    taken: 0,
  }
}
type State = ReturnType<typeof createState>

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
  const { plan, place, load, excess, square } = state
  const { rows, prices: trial } = place
  const half = halfAsked(state)
  const bound = accountsTotal(rows, trial) + askAll(state.team, 1, STEP_NODES, half)
  if (half < 0 && bound < state.bound) {
    state.bound = bound
    state.best.set(trial)
  }
  sumLoads(place, load)
  const calm = Math.max(0, 1 - state.taken / plan.steps)
  const length = plan.boldness * calm * calm * calm + SMALLEST_STEP
  const fresh = state.taken === 0 ? 1 : FRESHNESS
  const freshSquare = state.taken === 0 ? 1 : SQUARE_FRESHNESS
  for (let account = 0; account < trial.length; account++) {
    const over = overuse(rows, account, trial[account]!, load[account]!)
    excess[account] = excess[account]! + fresh * (over - excess[account]!)
    square[account] = square[account]! + freshSquare * (over * over - square[account]!)
    if (square[account]! === 0) continue
    const relative = excess[account]! / Math.sqrt(square[account]!)
    const moved = trial[account]! + length * place.typicalPrices[account]! * relative
    trial[account] = allowed(rows.floors[account]!, trial[account]!, moved)
  }
  state.taken++
}

/** Steps after which everybody is asked, and steps at both ends in which everybody is. */
const ASK_ALL_EVERY = 10
const ASK_ALL_FIRST = 2
const ASK_ALL_LAST = 8

/**
 * Which residents a step asks: mostly one half and the other in turn, as in incremental subgradient methods
 * (Nedić & Bertsekas 2001). The others' last answer is nearly as good, so that a step costs half and is worth
 * nearly a whole one: measured, the same bound takes 30 % less time. Only asking everybody gives a bound.
 */
function halfAsked({ plan, taken, place }: State): number {
  const all = taken < ASK_ALL_FIRST || taken >= plan.steps - ASK_ALL_LAST || place.chunkTotals.length === 1
  return all || taken % ASK_ALL_EVERY === ASK_ALL_EVERY - 1 ? -1 : taken % 2
}

/** What an account's uses exceed: its limit or, where a reward draws uses to it, its floor. */
function overuse({ limits, floors }: ProblemRows, account: number, price: number, load: number): number {
  const floor = floors[account]!
  if (floor === 0 || price > 0 || load > limits[account]!) return load - limits[account]!
  if (price < 0 || load < floor) return load - floor
  return 0
}

/** Prices stay above 0, except where a floor is asked for; there they stop at 0 on their way across. */
function allowed(floor: number, price: number, moved: number): number {
  if (floor === 0) return Math.max(0, moved)
  return price * moved < 0 ? 0 : moved
}

/** Σ price × limit, for a reward price × floor. */
function accountsTotal({ limits, floors }: ProblemRows, prices: Float64Array): number {
  let total = 0
  for (let account = 0; account < prices.length; account++) {
    const price = prices[account]!
    total += price * (price >= 0 ? limits[account]! : floors[account]!)
  }
  return total
}

/** Asks the residents at the prices in place; returns what all are worth together, if all are asked. */
function askAll({ place, crew }: Team, unit: number, nodes: number, half = -1): number {
  place.figures[FIGURE.round] = place.figures[FIGURE.round]! + 1
  place.figures[FIGURE.unit] = unit
  place.figures[FIGURE.nodes] = nodes
  place.figures[FIGURE.half] = half
  crew.run(JOB.ask, place.chunkTotals.length)
  // In the order of the chunks: sums of doubles depend on it, and must not depend on the threads.
  let total = 0
  for (const part of place.chunkTotals) total += part
  return total
}

/** Loads are sums of integers, exact in any order, so they may be kept by thread. */
function sumLoads({ loads, loadRounds, figures }: Workplace, load: Float64Array): void {
  load.fill(0)
  for (const [thread, own] of loads.entries()) {
    if (loadRounds[thread] !== figures[FIGURE.round]) continue
    for (let account = 0; account < load.length; account++) load[account] = load[account]! + own[account]!
  }
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
export function proveBound(team: Team, prices: Float64Array): ProvenBound {
  const { place } = team
  const scale = exactScale(place.rows, prices)
  // An account of limit 0 may be as dear as can be: its price times its limit never leaves the range.
  const scaled = prices.map((price) => Math.max(-MOST, Math.min(MOST, Math.round(price * scale))))
  place.prices.set(scaled)
  let bound = scaledBound(team, scale)
  if (!Number.isSafeInteger(bound)) {
    scaled.fill(0)
    place.prices.fill(0)
    bound = scaledBound(team, scale)
  }
  place.prices.set(prices)
  return { prices: scaled, scale, bound: Math.floor(bound / scale) }
}

const MOST = Number.MAX_SAFE_INTEGER

/** The bound times `scale`, or NaN if a sum leaves the exact range. */
function scaledBound(team: Team, scale: number): number {
  const { rows, prices } = team.place
  const charged = accountsTotal(
    rows,
    prices.map((price) => Math.max(0, price)),
  )
  const rewards = accountsTotal(
    rows,
    prices.map((price) => Math.min(0, price)),
  )
  const residents = askAll(team, scale, PROOF_NODES)
  const exact = Number.isSafeInteger(charged + residents) && Number.isSafeInteger(rewards)
  return exact ? charged + residents + rewards : Number.NaN
}

/** Half of the exact range for the residents' total, half for the accounts. */
function exactScale(rows: ProblemRows, prices: Float64Array): number {
  let most = 1
  for (let need = 0; need < needCount(rows); need++) {
    let best = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      best = Math.max(best, rows.utilities[option]! + rewardOf(rows, prices, option))
    }
    most += best
  }
  let scale = 1
  while (most * scale * 2 <= 2 ** 52) scale *= 2
  return scale
}

/** What an option earns by negative prices. */
function rewardOf(rows: ProblemRows, prices: Float64Array, option: number): number {
  let reward = 0
  const last = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < last; use++) {
    const price = prices[rows.useAccounts[use]!]!
    if (price < 0) reward -= price * rows.useAmounts[use]!
  }
  return reward
}
