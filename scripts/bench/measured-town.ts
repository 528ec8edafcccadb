/** One synthetic town measured: the engine, the baselines, and the peers on a small one. */
import { firstComeFirstServed } from '../../src/engine/first-come.ts'
import { needCount, optionCount, type Problem } from '../../src/engine/problem.ts'
import { solveWithHighs } from './highs.ts'
import { solveWithNativeSolvers } from './native-solvers.ts'
import { threadsEnded, watchThreads } from './own-process.ts'
import type { PeerOutcome } from './peer-answer.ts'
import type { BenchPlan } from './plan.ts'
import {
  type Checked,
  checkSolution,
  type PricePhase,
  type Spent,
  type TracePoint,
  timedRun,
} from './timed-run.ts'
import { syntheticTown } from './town.ts'

export interface MeasuredTown extends Spent, Checked {
  needs: number
  seed: number
  options: number
  /** What was asked for; the run counts pricing rounds too. */
  rounds: number
  roundsRun: number
  value: number
  bound: number
  gap: number
  prices: PricePhase
  /** The largest memory of the process, its threads included, up to the end of the run; with generating the town. */
  peakMemoryMb: number
  /** The same before the run. */
  builtMemoryMb: number
  /** Share of the engine's value that a baseline reaches. */
  firstCome: number
  byPriority: number
  peers: PeerOutcome[]
  trace: TracePoint[]
}

/** Needs up to which peers are asked: on 10,000, HiGHS takes half a minute for the LP relaxation alone. */
const MOST_PEER_NEEDS = 2000

/** Measures the town of so many needs and this seed. Peak memory is the process's, so it takes one of its own. */
export async function measureTown(needs: number, seed: number, plan: BenchPlan): Promise<MeasuredTown> {
  watchThreads()
  const problem = syntheticTown({ needs, seed })
  const builtMemoryMb = peakMemoryMb()
  const rounds = plan.roundsFor(needs)
  const { solution, seconds, cpuSeconds, prices, trace } = timedRun(problem, plan, { rounds, seed })
  await threadsEnded()
  const peak = peakMemoryMb()
  const { value, bound, gap } = solution
  const share = (order: Int32Array) => firstComeFirstServed(problem, order).value / value
  return {
    ...{ needs, seed, options: optionCount(problem), rounds, roundsRun: solution.rounds },
    ...{ seconds, cpuSeconds, value, bound, gap, prices },
    ...{ peakMemoryMb: peak, builtMemoryMb },
    ...checkSolution(problem, solution),
    firstCome: share(Int32Array.from({ length: needs }, (_, need) => need)),
    byPriority: share(priorityOrder(problem)),
    peers: await askPeers(problem, plan),
    trace: [...trace, { seconds, bound, gap }],
  }
}

/** Peak memory in MB of a process that solves a town without needs; taken like that of any town. */
export async function measureEmptyProcess(plan: BenchPlan): Promise<number> {
  watchThreads()
  timedRun(syntheticTown({ needs: 0, seed: 1 }), plan, { rounds: 1, seed: 1 })
  await threadsEnded()
  return peakMemoryMb()
}

const peakMemoryMb = (): number => process.resourceUsage().maxRSS / 1024

/** The need whose best option is worth most comes first. */
function priorityOrder(problem: Problem): Int32Array {
  const best = (need: number) =>
    Math.max(0, ...problem.utilities.subarray(problem.needOptions[need]!, problem.needOptions[need + 1]!))
  const worth = Float64Array.from({ length: needCount(problem) }, (_, need) => best(need))
  return Int32Array.from(worth.keys()).sort((a, b) => worth[b]! - worth[a]! || a - b)
}

async function askPeers(problem: Problem, plan: BenchPlan): Promise<PeerOutcome[]> {
  if (needCount(problem) > MOST_PEER_NEEDS) return []
  const { highsSeconds, peersSeconds, threads } = plan
  return [
    ...(highsSeconds > 0 ? [await solveWithHighs(problem, highsSeconds)] : []),
    ...(peersSeconds > 0 ? await solveWithNativeSolvers(problem, peersSeconds, threads) : []),
  ]
}
