import { type Assignment, fits, take } from './assignment.ts'
import { createPricing, type Pricing } from './prices.ts'
import { needCount, optionCount, type ProblemRows } from './problem.ts'
import { lot } from './random.ts'
import { fill, reducedValue } from './repair.ts'
import { type Residual, residual } from './residual.ts'

/** How a dive proceeds. */
export interface DivePlan {
  /** Share of the open needs to settle per round, in (0, 1]. */
  readonly share: number
  /** Price steps on the residual problem before each settling. */
  readonly steps: number
  readonly seed: number
  /** Asked before every round; the dive ends early, still feasible, once it answers true. */
  stopped(): boolean
  /** Told after every round. */
  onRound(): void
}

/** So few open needs are settled in one round even if the share says less. */
const FEWEST = 16
/** First price step of every round; prices start close to where they end. */
const BOLDNESS = 0.02

/**
 * Re-pricing dive: prices the residual problem anew, settles the needs whose choice was steadiest while
 * prices moved, drops what no longer fits, and repeats. Settling little at a time lets the prices of the
 * remaining room speak: an account that fills up grows dear before it is full. Starts from any feasible
 * `assignment` and only adds to it.
 */
export function dive(rows: ProblemRows, assignment: Assignment, start: Float64Array, plan: DivePlan): void {
  const prices = Float64Array.from(start)
  let wanted = 1
  while (wanted > 0 && !plan.stopped()) {
    const part = residual(rows, assignment)
    if (part.needs.length === 0) return
    const pricing = createPricing(part.rows, {
      seed: plan.seed,
      steps: plan.steps,
      boldness: BOLDNESS,
      start: prices,
    })
    const times = countChoices(pricing, optionCount(part.rows), plan.steps)
    wanted = settle(rows, assignment, part, pricing.prices, times, plan)
    prices.set(pricing.prices)
    plan.onRound()
  }
  // What the prices leave aside may still fit: room that nobody else wants is free.
  fill(rows, assignment, prices, plan.seed)
}

/**
 * Prices for some rounds and counts how often each option was chosen: that average is what the volume
 * algorithm takes for the fractional optimum (Barahona & Anbil 2000).
 */
function countChoices(pricing: Pricing, options: number, steps: number): Int32Array {
  const times = new Int32Array(options)
  for (let step = 0; step < steps; step++) {
    pricing.step()
    for (const option of pricing.choice) if (option >= 0) times[option] = times[option]! + 1
  }
  return times
}

/** Takes the steadiest choices that fit; returns how many needs chose anything at all. */
function settle(
  rows: ProblemRows,
  assignment: Assignment,
  part: Residual,
  prices: Float64Array,
  times: Int32Array,
  plan: DivePlan,
): number {
  const favorite = favorites(part.rows, times)
  const wanting = Int32Array.from(part.needs.keys()).filter((need) => favorite[need]! >= 0)
  const regret = new Float64Array(favorite.length)
  for (const need of wanting) regret[need] = regretOf(part.rows, prices, need, favorite[need]!)
  wanting.sort(
    (a, b) =>
      times[favorite[b]!]! - times[favorite[a]!]! ||
      regret[b]! - regret[a]! ||
      lot(plan.seed, part.needs[a]!) - lot(plan.seed, part.needs[b]!),
  )
  let quota = Math.max(FEWEST, Math.ceil(plan.share * wanting.length))
  for (const need of wanting) {
    const option = part.options[favorite[need]!]!
    if (!fits(rows, assignment, option)) continue
    take(rows, assignment, part.needs[need]!, option)
    if (--quota === 0) break
  }
  return wanting.length
}

/** Each need's most frequent choice, or −1 if it never chose. */
function favorites(rows: ProblemRows, times: Int32Array): Int32Array {
  const favorite = new Int32Array(needCount(rows)).fill(-1)
  for (let need = 0; need < favorite.length; need++) {
    let most = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (times[option]! <= most) continue
      most = times[option]!
      favorite[need] = option
    }
  }
  return favorite
}

/** What a need loses at the prices if it has to give up its choice for the next best, or for nothing. */
function regretOf(rows: ProblemRows, prices: Float64Array, need: number, choice: number): number {
  let second = 0
  for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
    if (option !== choice) second = Math.max(second, reducedValue(rows, prices, option))
  }
  return reducedValue(rows, prices, choice) - second
}
