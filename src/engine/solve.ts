import { type Assignment, assignmentOf, emptyAssignment } from './assignment.ts'
import { missingUnits, unmetFloors } from './floors.ts'
import { improveInPasses, laneCount } from './passes.ts'
import { createPricing, type Pricing, type PricingPlan, type ProvenBound, proveBound } from './prices.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { fill, repair } from './repair.ts'
import { gather, type Recruit, type Team } from './team.ts'
import { tightenBound, type UseCharges } from './tighten.ts'

const DEFAULT_ROUNDS = 150
const DEFAULT_SEED = 1

/** What to spend on a problem. */
export interface SolveOptions {
  /** Effort: so many improvement rounds, and 28 + 0.6 times as many pricing rounds. Default 150. */
  readonly rounds?: number
  /** Seed of every tie break and every random move. Default 1. */
  readonly seed?: number
  /** Stops between rounds once so many seconds have passed by `now`. Needs `now`. */
  readonly seconds?: number
  /** Stops improving once (bound − value) / bound is no larger. Default 0. */
  readonly targetGap?: number
  /** Threads to use, this one included; all give the same answer. Default 1; more need `recruit`. */
  readonly threads?: number
  /** Starts the other threads. The engine cannot by itself: it imports nothing. */
  readonly recruit?: Recruit
  /** A clock in milliseconds. The engine has none of its own, so without `seconds` runs are repeatable. */
  readonly now?: () => number
  /** Prices of an earlier run in utility per unit of each shared account (`solution.prices / scale`). */
  readonly warmPrices?: Float64Array
  /**
   * A feasible choice to begin from (need → option, or −1): the answer is worth at least as much, and meets
   * every floor.
   */
  readonly start?: Int32Array
  /** Told after every round. */
  readonly onRound?: (progress: Progress) => void
}

/** Where a run stands. `bound` is in floating point until the run ends. */
export interface Progress {
  readonly phase: 'prices' | 'improve'
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
  /** Where they lower the bound further: charges for every use of some accounts, beside the other prices. */
  readonly charges?: UseCharges
  /** Rounds actually run. */
  readonly rounds: number
  /** Accounts of which the choice uses less than their floor; the choice is feasible only where there is none. */
  readonly unmetFloors: readonly number[]
}

type Proof = Pick<Solution, 'bound' | 'prices' | 'scale' | 'charges'>

/**
 * Solves a problem: prices → repair → improve → tighten, the bound in integers. The same problem, seed and
 * rounds give the same bits, whatever the number of threads; `seconds` may end a run earlier, with a feasible
 * answer always. Throws `RangeError` for rounds or threads that are not a positive integer, `seconds` without
 * `now`, warm prices that are not finite, and warm prices or a start of the wrong length.
 */
export function solve(rows: ProblemRows, options: SolveOptions = {}): Solution {
  checkOptions(rows, options)
  const { rounds = DEFAULT_ROUNDS, seed = DEFAULT_SEED, threads = 1, recruit, targetGap = 0 } = options
  const run = createRun(options)
  const team = gather(rows, seed, laneCount(rows), threads, recruit)
  try {
    const pricing = createPricing(rows, pricingPlan(options), team)
    const guess = priceOut(run, rows, pricing, pricingRounds(options), seed)
    const proof = proveBound(team, pricing.prices)
    run.bound = proof.bound
    const better = improveInPasses(team, betterOf(rows, guess, options.start).choice, {
      rounds,
      goal: Math.ceil(proof.bound * (1 - targetGap)),
      stopped: run.stopped,
      onPass: (more, value) => run.report('improve', more, value),
    })
    // Room that the regions could not share may still serve somebody.
    fill(rows, better, pricing.prices, seed)
    return conclude(rows, better, tighten(team, proof, better, rounds, run), run.rounds)
  } finally {
    team.crew.dismiss()
  }
}

/** Needs up to which a bound is tightened: beyond them, it takes as long as the search and gains 0.02 %. */
const MOST_TIGHTENED = 10_000
/** Rounds of tightening; twice as many gain a tenth more. */
const TIGHTEN_ROUNDS = 200

/** Lowers the bound by charges, where the problem is small enough and value and bound are not equal yet. */
function tighten(team: Team, proof: ProvenBound, final: Assignment, rounds: number, run: Run): Proof {
  const { place } = team
  if (needCount(place.rows) > MOST_TIGHTENED || final.value >= proof.bound) return proof
  const plan = { rounds: Math.min(TIGHTEN_ROUNDS, 4 * rounds), goal: final.value, stopped: run.stopped }
  return { ...proof, ...tightenBound(place, proof, plan) }
}

/** The given start, where the guess misses more of the floors or is worth less. */
function betterOf(rows: ProblemRows, guess: Assignment, start: Int32Array | undefined): Assignment {
  if (start === undefined) return guess
  const given = assignmentOf(rows, start)
  const more = missingUnits(rows, guess.room) - missingUnits(rows, given.room)
  return more > 0 || (more === 0 && guess.value < given.value) ? given : guess
}

/** Price steps in a pricing round. */
const STEPS_PER_ROUND = 4

/**
 * Pricing rounds beside so many improvement rounds. However short the search, prices must have settled: of a
 * town, the bound is 1 % too high after 60 steps, 0.1 % after 100, 0.01 % after 150. Prices of an earlier run
 * have: after small changes of limits they need hardly a step, so they get a few percent.
 */
function pricingRounds({ rounds = DEFAULT_ROUNDS, warmPrices }: SolveOptions): number {
  return warmPrices === undefined ? 28 + Math.ceil(0.6 * rounds) : 1 + Math.ceil(rounds / 40)
}

/** From nothing, prices must travel far; from an earlier run's, they are nearly there. */
function pricingPlan(options: SolveOptions): PricingPlan {
  const { seed = DEFAULT_SEED, warmPrices } = options
  const steps = pricingRounds(options) * STEPS_PER_ROUND
  if (warmPrices === undefined) return { seed, steps, boldness: 0.4 }
  return { seed, steps, boldness: 0.01, start: warmPrices }
}

function checkOptions(rows: ProblemRows, options: SolveOptions): void {
  const { rounds = 1, threads = 1, seconds, now, warmPrices, start } = options
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`The number of rounds must be a positive integer, not ${rounds}.`)
  }
  if (!(Number.isInteger(threads) && threads >= 1)) {
    throw new RangeError(`The number of threads must be a positive integer, not ${threads}.`)
  }
  if (warmPrices?.some((price) => !Number.isFinite(price))) {
    throw new RangeError('Warm prices must be finite numbers.')
  }
  if (start !== undefined && start.length !== needCount(rows)) {
    throw new RangeError(`The start is for ${start.length} needs, not for ${needCount(rows)}.`)
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
    report(phase: Progress['phase'], rounds: number, value: number): void {
      run.rounds += rounds
      onRound?.({ phase, round: run.rounds, value, bound: run.bound })
    },
  }
  return run
}
type Run = ReturnType<typeof createRun>

/** Rounds between two looks at what the prices are worth. */
const LOOK_EVERY = 20
/** Needs beyond which a look takes longer than it is worth: only the last prices get one. */
const MOST_LOOKED_AT = 20_000

/**
 * Runs the pricing rounds and returns the best assignment that repairing the residents' wishes gave on
 * the way.
 */
function priceOut(run: Run, rows: ProblemRows, pricing: Pricing, rounds: number, seed: number): Assignment {
  const often = needCount(rows) <= MOST_LOOKED_AT
  let best: Assignment | undefined
  for (let round = 0; round < rounds && !run.stopped(); round++) {
    for (let step = 0; step < STEPS_PER_ROUND; step++) pricing.step()
    run.bound = pricing.bound
    if (round === rounds - 1 || (often && round % LOOK_EVERY === 0)) {
      best = betterOf(rows, look(rows, pricing, seed), best?.choice)
      if (pricing.bound < best.value + 1 && missingUnits(rows, best.room) === 0) break
    }
    run.report('prices', 1, best?.value ?? 0)
  }
  return best ?? look(rows, pricing, seed)
}

/** What becomes of the residents' present wishes. */
function look(rows: ProblemRows, pricing: Pricing, seed: number): Assignment {
  const candidate = emptyAssignment(rows)
  repair(rows, candidate, pricing.choice, pricing.prices, seed)
  return candidate
}

function conclude(rows: ProblemRows, final: Assignment, proof: Proof, rounds: number): Solution {
  const { value, choice } = final
  const gap = proof.bound === 0 ? 0 : (proof.bound - value) / proof.bound
  return { ...proof, choice, value, gap, rounds, unmetFloors: unmetFloors(rows, choice) }
}
