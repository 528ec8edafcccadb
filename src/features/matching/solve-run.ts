/** Solves a run's problem in the order that its policy asks for: all tiers weighed together, or one after the other. */
import { type Counterfactual, createCounterfactuals } from '../../engine/counterfactual.ts'
import { createExplainer, type Explanation } from '../../engine/explain.ts'
import { type Problem, type ProblemRows, rowsOf } from '../../engine/problem.ts'
import { type Solution, type SolveOptions, solve } from '../../engine/solve.ts'
import { createStagedCounterfactuals } from '../../engine/stage-counterfactuals.ts'
import { type StagedSolution, solveInStages } from '../../engine/stages.ts'
import { type PolicyDocument, Tier } from '../policies/schemas.ts'
import type { BuiltProblem } from './build-problem.ts'
import { holdFloors, withoutFloors } from './hold-floors.ts'
import type { RunResult } from './schemas.ts'

/** What came out, whichever way it was solved. */
export interface SolvedRun extends Pick<Solution, 'choice' | 'value' | 'bound' | 'gap' | 'rounds'> {
  /** One entry a tier; absent where all tiers were weighed together. */
  stages?: RunResult['stages']
  /** Need → the stage that it was served in; 0 for all where tiers were weighed together. */
  stageOfNeed: Uint8Array
  /**
   * What one more unit of each shared account would add, in utility; 0 where it is not scarce, and of floors. Where
   * tiers were served one after the other: the highest of the stages' prices, because whichever tier it is that wants
   * the unit, it may.
   */
  unitPrices: Float64Array
  /** What the policy's floors cost; absent where it has none. */
  fairness?: Fairness
  /** Explains a need from the prices under which it was served. */
  explain(need: number): Explanation
  /**
   * What would have met an unmet need, found by solving its neighborhood again: in a problem with the same needs and
   * shared accounts, of which `choice` is this solution.
   */
  counterfactualsIn(problem: Problem, choice: Int32Array): (need: number) => Counterfactual
}

export interface Fairness {
  /** By the floors of the built problem: about what its last need costs the others, in utility. */
  prices: number[]
  /** The value that there would be without any floor. */
  valueWithout: number
}

/** What to spend; value and bound in the reports are those of the whole run. */
export interface Effort extends Omit<SolveOptions, 'start' | 'warmPrices' | 'onRound'> {
  onRound?: (progress: { round: number; value: number; bound: number }) => void
}

const TIERS = Tier.options

/**
 * The policy's order; documents adopted before there was a choice weigh all tiers together. Floors that cannot be held
 * are lowered to what can be reached. Where the policy has any, the problem is solved once more without them, by the same
 * seed and rounds, for their price.
 */
export function solveRun(built: BuiltProblem, order: PolicyDocument['order'], effort: Effort): SolvedRun {
  return order === 'by_tier' ? solveByTier(built, effort) : solveWeighted(built, effort)
}

function solveWeighted(built: BuiltProblem, effort: Effort): SolvedRun {
  const solveRows = (rows: ProblemRows, start?: Int32Array, spent = effort) =>
    solve(rows, { ...spent, ...(start && { start }) })
  const { rows, solution } = holdFloors(rowsOf(built.problem), solveRows)
  return {
    ...solution,
    stageOfNeed: new Uint8Array(built.needs.length),
    unitPrices: highestPrices([solution], built),
    // From this answer on, so that doing without floors is never found to be worse.
    ...fairnessOf(
      built,
      [solution],
      () => solveRows(withoutFloors(rows), solution.choice, quietly(effort)).value,
    ),
    explain: createExplainer(rows, solution),
    counterfactualsIn: (problem, choice) =>
      createCounterfactuals(withFloorsOf(problem, rows), { ...solution, choice }),
  }
}

function solveByTier(built: BuiltProblem, effort: Effort): SolvedRun {
  const stageOfNeed = Uint8Array.from(built.needs, ({ need }) => TIERS.indexOf(need.tier))
  const solveRows = (rows: ProblemRows, spent = effort) =>
    solveInStages(rows, stageOfNeed, { ...spent, stages: TIERS.length })
  const { rows, solution: staged } = holdFloors(rowsOf(built.problem), (rows) => solveRows(rows))
  const explainers = staged.stages.map(({ solution }) =>
    createExplainer(rows, pricedBy(solution, staged, rows.limits.length)),
  )
  const solutions = staged.stages.map(({ solution }) => solution)
  return {
    ...staged,
    stages: solutions.map(({ value, bound, gap }, stage) => ({ tier: TIERS[stage]!, value, bound, gap })),
    stageOfNeed,
    unitPrices: highestPrices(solutions, built),
    ...fairnessOf(built, solutions, () => solveRows(withoutFloors(rows), quietly(effort)).value),
    explain: (need) => explainers[stageOfNeed[need]!]!(need),
    counterfactualsIn: (problem, choice) =>
      createStagedCounterfactuals(withFloorsOf(problem, rows), stageOfNeed, { ...staged, choice }),
  }
}

type Priced = Pick<Solution, 'prices' | 'scale' | 'value'>

/** In utility per unit; a stage's further accounts come after those of the run. */
function highestPrices(solutions: readonly Priced[], { kindOfAccount }: BuiltProblem): Float64Array {
  const highest = new Float64Array(kindOfAccount.length)
  for (const { prices, scale } of solutions) {
    for (const [account, kind] of kindOfAccount.entries()) {
      if (kind !== 'floor') highest[account] = Math.max(highest[account]!, prices[account]! / scale)
    }
  }
  return highest
}

/** A floor's price is what its account's is below 0. */
function fairnessOf(
  { floors }: BuiltProblem,
  solutions: readonly Priced[],
  valueWithout: () => number,
): Pick<SolvedRun, 'fairness'> {
  if (floors.length === 0) return {}
  const prices = floors.map(({ account }) => {
    if (account === null) return 0
    return solutions.reduce((most, { prices, scale }) => Math.max(most, -prices[account]! / scale), 0)
  })
  const isAsked = floors.some(({ account }) => account !== null)
  const value = isAsked ? valueWithout() : solutions.reduce((sum, solution) => sum + solution.value, 0)
  return { fairness: { prices, valueWithout: value } }
}

/** The same effort, of which nobody is told: the run's progress is that of its own answer. */
function quietly({ onRound: _onRound, ...effort }: Effort): Effort {
  return effort
}

/** A problem with the same shared accounts, with the floors that were held. */
function withFloorsOf(problem: Problem, { floors }: ProblemRows): ProblemRows {
  return { ...rowsOf(problem), floors }
}

/** The whole choice at the prices of one stage; the accounts of earlier stages are no accounts of the run. */
function pricedBy(
  stage: Solution,
  { choice, value, bound, gap, unmetFloors }: StagedSolution,
  accounts: number,
): Solution {
  const { scale, rounds, prices } = stage
  return { choice, value, bound, gap, rounds, unmetFloors, scale, prices: prices.slice(0, accounts) }
}
