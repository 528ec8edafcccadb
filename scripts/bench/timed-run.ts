/** A run of the engine with its times, and its certificate. */
import { type Certificate, certify } from '../../src/engine/certify.ts'
import { type Problem, rowsOf } from '../../src/engine/problem.ts'
import { type Solution, type SolveOptions, solve } from '../../src/engine/solve.ts'
import { recruitThreads } from '../../src/features/matching/recruit-threads.ts'
import type { BenchPlan } from './plan.ts'

/** Processor time is that of all threads. */
export interface Spent {
  seconds: number
  cpuSeconds: number
}

/** The same for the prices alone, the first phase of a run. */
export interface PricePhase extends Spent {
  rounds: number
  /** The bound of the prices found, in floating point. */
  bound: number
}

export interface TimedRun extends Spent {
  solution: Solution
  prices: PricePhase
  /** Where the run stood after every round. */
  trace: TracePoint[]
}

export interface TracePoint {
  seconds: number
  /** In floating point, until the run ends. */
  bound: number
  /** (bound − value) / bound. */
  gap: number
}

/** What a run is given beside the plan's threads and seconds. */
export type RunOptions = Pick<SolveOptions, 'rounds' | 'seed' | 'warmPrices'>

/** Solves as the plan says. */
export function timedRun(problem: Problem, plan: BenchPlan, options: RunOptions): TimedRun {
  const clock = startClock()
  const trace: TracePoint[] = []
  let prices: PricePhase = { rounds: 0, bound: Number.POSITIVE_INFINITY, seconds: 0, cpuSeconds: 0 }
  const solution = solve(rowsOf(problem), {
    ...options,
    threads: plan.threads,
    recruit: recruitThreads,
    now: () => performance.now(),
    ...(plan.seconds === undefined ? {} : { seconds: plan.seconds }),
    onRound({ phase, round, value, bound }) {
      const spent = clock()
      if (phase === 'prices') prices = { rounds: round, bound, ...spent }
      trace.push({ seconds: spent.seconds, bound, gap: (bound - value) / bound })
    },
  })
  return { solution, ...clock(), prices, trace }
}

/** Starts a clock that tells what has been spent since. */
export function startClock(): () => Spent {
  const wall = performance.now()
  const cpu = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return { seconds: (performance.now() - wall) / 1000, cpuSeconds: (user + system) / 1e6 }
  }
}

export interface Checked {
  certified: boolean
  /** Why it is not. */
  refusal?: string
  certifySeconds: number
}

/** Certifies value and bound as they are claimed. */
export function checkSolution(problem: Problem, solution: Solution): Checked {
  const clock = startClock()
  const certificate: Certificate = certify(problem, solution)
  const certifySeconds = clock().seconds
  if (certificate.ok) return { certified: true, certifySeconds }
  return { certified: false, refusal: certificate.reason, certifySeconds }
}
