/** Families of classic instances in which every need must be met: generalized assignment, multiple-choice knapsacks. */
import { needCount, type Problem } from '../../src/engine/problem.ts'
import type { Solution } from '../../src/engine/solve.ts'
import { readGapInstances } from './gap-instances.ts'
import { type GapPlan, generateGap } from './gap-types.ts'
import { generateMmkp, KHAN_SIZES } from './mmkp.ts'
import type { BenchPlan } from './plan.ts'
import { type Checked, checkSolution, type Spent, timedRun } from './timed-run.ts'

/** An instance before it is read or generated. */
interface Instance {
  family: string
  name: string
  /** What is counted: as little cost or as much profit as possible. */
  counts: 'cost' | 'profit'
  /** The problem, and the utility that every met need has beside its profit or less its cost. */
  load(): { problem: Problem; perNeed: number }
  /** In cost or profit, where it is known. */
  optimum?: number
  seed: number
}

export interface MeasuredInstance extends Spent, Checked {
  family: string
  name: string
  needs: number
  rounds: number
  /** Every need is met. Where not, cost or profit say nothing. */
  complete: boolean
  /** Cost or profit of the assignment, and the bound on it. */
  reached: number
  bound: number
  /** |reached − bound| in percent of the bound. */
  gapPercent: number
  /** |reached − optimum| in percent of the optimum, where it is known. */
  offPercent?: number
}

/** Measures all that the plan asks for, and calls `onEach` behind every one. */
export function measureFamilies(
  plan: BenchPlan,
  onEach: (measured: MeasuredInstance) => void,
): MeasuredInstance[] {
  const instances = [
    ...(plan.gap === undefined ? [] : publicInstances(plan.gap)),
    ...(plan.types ? plan.seeds.flatMap(typeInstances) : []),
    ...(plan.mmkp ? plan.seeds.flatMap(mmkpInstances) : []),
  ]
  return instances
    .filter(({ name }) => name.includes(plan.only))
    .map((instance) => {
      const measured = measure(instance, plan)
      onEach(measured)
      return measured
    })
}

function publicInstances(directory: string): Instance[] {
  return readGapInstances(directory).map(({ name, problem, perItem, optimum }) => ({
    ...{ family: 'OR-Library gap1–12', name, counts: 'cost', optimum, seed: 1 },
    load: () => ({ problem, perNeed: perItem }),
  }))
}

/** Agents and items of the sizes that are published for each type. */
const TYPE_SIZES: readonly (readonly [agents: number, items: number])[] = [
  ...[5, 10, 20].map((agents) => [agents, 100] as const),
  ...[5, 10, 20].map((agents) => [agents, 200] as const),
  ...[10, 20, 40].map((agents) => [agents, 400] as const),
  ...[15, 30, 60].map((agents) => [agents, 900] as const),
  ...[20, 40, 80].map((agents) => [agents, 1600] as const),
]
const TYPES: readonly GapPlan['type'][] = ['C', 'D', 'E']

function typeInstances(seed: number): Instance[] {
  return TYPES.flatMap((type) =>
    TYPE_SIZES.map(([agents, items]) => ({
      ...{ family: `type ${type}`, name: `${type} ${agents}x${items} seed ${seed}`, counts: 'cost', seed },
      load() {
        const { problem, perItem } = generateGap({ type, agents, items, seed })
        return { problem, perNeed: perItem }
      },
    })),
  )
}

function mmkpInstances(seed: number): Instance[] {
  return [true, false].flatMap((correlated) => {
    const kind = correlated ? 'correlated' : 'uncorrelated'
    return KHAN_SIZES.map(([groups, items, resources], index) => ({
      family: `MMKP ${kind}`,
      name: `I${String(index + 1).padStart(2, '0')} ${kind} seed ${seed}`,
      counts: 'profit',
      load() {
        const { problem, perGroup } = generateMmkp({ groups, items, resources, correlated, seed })
        return { problem, perNeed: perGroup }
      },
      seed,
    }))
  })
}

function measure(instance: Instance, plan: BenchPlan): MeasuredInstance {
  const { family, name, optimum, seed } = instance
  const { problem, perNeed } = instance.load()
  const needs = needCount(problem)
  const rounds = plan.roundsFor(needs)
  const { solution, seconds, cpuSeconds } = timedRun(problem, plan, { rounds, seed })
  const { reached, bound } = inOwnTerms(instance, solution, needs * perNeed)
  return {
    ...{ family, name, needs, rounds, seconds, cpuSeconds, reached, bound },
    complete: solution.choice.every((option) => option >= 0),
    gapPercent: percentOff(reached, bound),
    ...(optimum === undefined ? {} : { offPercent: percentOff(reached, optimum) }),
    ...checkSolution(problem, solution),
  }
}

/** Value and bound of an assignment that meets all needs, without what meeting them is worth. */
function inOwnTerms({ counts }: Instance, { value, bound }: Solution, forAll: number) {
  if (counts === 'cost') return { reached: forAll - value, bound: forAll - bound }
  return { reached: value - forAll, bound: bound - forAll }
}

const percentOff = (reached: number, from: number): number => (Math.abs(reached - from) / from) * 100

export interface FamilySummary {
  family: string
  instances: number
  complete: number
  /** Proved: the gap is 0, or the known optimum is reached. */
  optimal: number
  certified: number
  /** Of the complete ones, in percent; null of none. */
  meanGap: number | null
  maxGap: number | null
  /** From the known optimum; null where none is known. */
  meanOff: number | null
  meanSeconds: number
  maxSeconds: number
}

/** A row per family, in the order measured. */
export function summarize(measured: readonly MeasuredInstance[]): FamilySummary[] {
  return [...new Set(measured.map(({ family }) => family))].map((family) => {
    const all = measured.filter((instance) => instance.family === family)
    const complete = all.filter((instance) => instance.complete)
    const gaps = complete.map(({ gapPercent }) => gapPercent)
    const known = complete.flatMap(({ offPercent }) => (offPercent === undefined ? [] : [offPercent]))
    const seconds = all.map((instance) => instance.seconds)
    return {
      ...{ family, instances: all.length, complete: complete.length },
      optimal: complete.filter(({ gapPercent, offPercent }) => gapPercent === 0 || offPercent === 0).length,
      certified: all.filter(({ certified }) => certified).length,
      meanGap: mean(gaps),
      maxGap: gaps.length > 0 ? Math.max(...gaps) : null,
      meanOff: mean(known),
      meanSeconds: mean(seconds)!,
      maxSeconds: Math.max(...seconds),
    }
  })
}

const mean = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null
