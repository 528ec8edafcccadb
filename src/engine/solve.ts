import { type Assignment, emptyAssignment } from './assignment.ts'
import { dive } from './dive.ts'
import { improve } from './improve.ts'
import { createPricing, type Pricing, type PricingPlan, type ProvenBound, proveBound } from './prices.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { repair } from './repair.ts'
import { type Residual, residual } from './residual.ts'

/** What to spend on a problem. */
export interface SolveOptions {
  /** Effort: so many pricing rounds and improvement rounds, and a dive to match. Default 150. */
  readonly rounds?: number
  /** Seed of every tie break and every random move. Default 1. */
  readonly seed?: number
  /** Stops between rounds once so many seconds have passed by `now`. Needs `now`. */
  readonly seconds?: number
  /** A clock in milliseconds. The engine has none of its own, so without `seconds` runs are repeatable. */
  readonly now?: () => number
  /** Prices of an earlier run in utility per unit of each shared account (`solution.prices / scale`). */
  readonly warmPrices?: Float64Array
  /** Told after every round. */
  readonly onRound?: (progress: Progress) => void
}

/** Where a run stands. `bound` is in floating point until the run ends. */
export interface Progress {
  readonly phase: 'prices' | 'dive' | 'improve'
  readonly round: number
  readonly value: number
  readonly bound: number
}

/** A feasible assignment with a proof of how good it is. */
export interface Solution {
  /** Need → option index in the problem, or −1 when unmet. */
  readonly choice: Int32Array
  /** Total utility of the choice. */
  readonly value: number
  /** No feasible assignment has a higher total utility. */
  readonly bound: number
  /** (bound − value) / bound; 0 when the bound is 0. The assignment is optimal where this is 0. */
  readonly gap: number
  /** Integer price per shared account; utility per unit = prices[k] / scale. They prove `bound`. */
  readonly prices: Float64Array
  /** A power of two. */
  readonly scale: number
  /** Rounds actually run. */
  readonly rounds: number
}

/**
 * Solves a problem: prices → dive → repair → improve, then the bound in integers. The same problem,
 * seed and rounds give the same bits; `seconds` may end a run earlier, with a feasible answer always.
 * Throws `RangeError` for rounds that are not a positive integer, `seconds` without `now`, or warm
 * prices of the wrong length.
 */
export function solve(rows: ProblemRows, options: SolveOptions = {}): Solution {
  const { rounds = 150, seed = 1, warmPrices } = options
  checkOptions(rows, options)
  const run = createRun(options)
  const part = residual(rows, emptyAssignment(rows))
  const pricing = createPricing(part.rows, pricingPlan(rounds, seed, warmPrices))
  const bestGuess = priceOut(run, part.rows, pricing, rounds, seed)
  const start = emptyAssignment(part.rows)
  dive(part.rows, start, pricing.prices, {
    share: Math.min(1, 12 / rounds),
    steps: Math.max(2, Math.ceil(rounds / 10)),
    seed,
    stopped: run.stopped,
    onRound: () => run.report('dive', start.value),
  })
  const proof = proveBound(part.rows, seed, pricing.prices)
  run.bound = proof.bound
  const better = start.value >= bestGuess.value ? start : bestGuess
  const final = improve(part.rows, better.choice, pricing.prices, {
    rounds,
    seed,
    goal: proof.bound,
    stopped: run.stopped,
    onRound: (value) => run.report('improve', value),
  })
  return conclude(rows, part, final, proof, run.rounds)
}

/** Price steps in a pricing round. A quarter of them leaves the bound 0.1 to 0.2 % higher. */
const STEPS_PER_ROUND = 4

/** From nothing, prices must travel far; from an earlier run's, they are nearly there. */
function pricingPlan(rounds: number, seed: number, warm: Float64Array | undefined): PricingPlan {
  const steps = rounds * STEPS_PER_ROUND
  if (warm === undefined) return { seed, steps, boldness: 0.4 }
  return { seed, steps, boldness: 0.02, start: warm }
}

function checkOptions(rows: ProblemRows, options: SolveOptions): void {
  const { rounds, seconds, now, warmPrices } = options
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`The number of rounds must be a positive integer, not ${rounds}.`)
  }
  if (seconds !== undefined && now === undefined) {
    throw new RangeError('A limit in seconds needs a clock: pass `now`.')
  }
  if (warmPrices !== undefined && warmPrices.length !== rows.limits.length) {
    throw new RangeError(`Warm prices are for ${warmPrices.length} accounts, not for ${rows.limits.length}.`)
  }
}

/** Counts rounds, reports them, and watches the injected clock. */
function createRun(options: SolveOptions) {
  const { seconds, now, onRound } = options
  const deadline = seconds !== undefined && now !== undefined ? now() + seconds * 1000 : undefined
  const run = {
    rounds: 0,
    bound: Number.POSITIVE_INFINITY,
    stopped: (): boolean => deadline !== undefined && now!() >= deadline,
    report(phase: Progress['phase'], value: number): void {
      run.rounds++
      onRound?.({ phase, round: run.rounds, value, bound: run.bound })
    },
  }
  return run
}
type Run = ReturnType<typeof createRun>

/** Rounds between two looks at what the prices are worth. */
const LOOK_EVERY = 20

/**
 * Runs the pricing rounds and returns the best assignment that repairing the residents' wishes gave on
 * the way.
 */
function priceOut(run: Run, rows: ProblemRows, pricing: Pricing, rounds: number, seed: number): Assignment {
  let best = emptyAssignment(rows)
  for (let round = 0; round < rounds && !run.stopped(); round++) {
    for (let step = 0; step < STEPS_PER_ROUND; step++) pricing.step()
    run.bound = pricing.bound
    if (round % LOOK_EVERY === LOOK_EVERY - 1 || round === 0) {
      const candidate = emptyAssignment(rows)
      repair(rows, candidate, pricing.choice, pricing.prices, seed)
      if (candidate.value > best.value) best = candidate
      if (pricing.bound < best.value + 1) break
    }
    run.report('prices', best.value)
  }
  return best
}

/** Carries the answer of the presolved problem back to the indices of the whole one. */
function conclude(
  rows: ProblemRows,
  part: Residual,
  final: Assignment,
  proof: ProvenBound,
  rounds: number,
): Solution {
  const choice = new Int32Array(needCount(rows)).fill(-1)
  for (let need = 0; need < part.needs.length; need++) {
    const option = final.choice[need]!
    if (option >= 0) choice[part.needs[need]!] = part.options[option]!
  }
  const { value } = final
  const { prices, scale, bound } = proof
  return { choice, value, bound, gap: bound === 0 ? 0 : (bound - value) / bound, prices, scale, rounds }
}
