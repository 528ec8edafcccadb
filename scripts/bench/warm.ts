/** A warm restart: a town is solved, a few limits change, and it is solved again, from nothing and from the old prices. */
import { changeTown } from './changed-town.ts'
import type { BenchPlan } from './plan.ts'
import { checkSolution, type PricePhase, type Spent, type TimedRun, timedRun } from './timed-run.ts'
import { syntheticTown } from './town.ts'

export interface MeasuredWarm {
  needs: number
  seed: number
  rounds: number
  /** Limits that changed. */
  capacities: number
  wallets: number
  cold: WarmRun
  warm: WarmRun
  /** Warm bound ÷ cold bound − 1; the lower bound is the better one. */
  boundDifference: number
  /** When the warm prices' bound was as close to that of the cold prices as asked; null: never. */
  closeEnough: { rounds: number; seconds: number } | null
  certified: boolean
  refusal?: string
}

export interface WarmRun extends Spent {
  prices: PricePhase
  value: number
  bound: number
  gap: number
}

/** How far above the cold bound a warm one may be. */
const CLOSE_ENOUGH = 0.0005

/**
 * Measures both runs on the changed town; the run before the change also warms the code, so that the order of the two
 * does not matter.
 */
export function measureWarm(needs: number, seed: number, plan: BenchPlan): MeasuredWarm {
  const rounds = plan.roundsFor(needs)
  const before = syntheticTown({ needs, seed })
  const { solution } = timedRun(before, plan, { rounds, seed })
  const { problem, capacities, wallets } = changeTown(before, seed)
  const cold = timedRun(problem, plan, { rounds, seed })
  const warmPrices = solution.prices.map((price) => price / solution.scale)
  const warm = timedRun(problem, plan, { rounds, seed, warmPrices })
  const checks = [cold, warm].map((run) => checkSolution(problem, run.solution))
  const wrong = checks.find(({ certified }) => !certified)
  const enough = cold.prices.bound * (1 + CLOSE_ENOUGH)
  const close = warm.trace.slice(0, warm.prices.rounds).findIndex(({ bound }) => bound <= enough)
  return {
    ...{ needs, seed, rounds, capacities, wallets },
    cold: summaryOf(cold),
    warm: summaryOf(warm),
    boundDifference: warm.solution.bound / cold.solution.bound - 1,
    closeEnough: close < 0 ? null : { rounds: close + 1, seconds: warm.trace[close]!.seconds },
    certified: wrong === undefined,
    ...(wrong?.refusal === undefined ? {} : { refusal: wrong.refusal }),
  }
}

function summaryOf({ solution, seconds, cpuSeconds, prices }: TimedRun): WarmRun {
  const { value, bound, gap } = solution
  return { seconds, cpuSeconds, prices, value, bound, gap }
}
