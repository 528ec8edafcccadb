/** Solves a run's problem in the order that its policy asks for: all tiers weighed together, or one after the other. */
import { type Counterfactual, createCounterfactuals } from '../../engine/counterfactual.ts'
import { createExplainer, type Explanation } from '../../engine/explain.ts'
import { type Problem, rowsOf } from '../../engine/problem.ts'
import { type Solution, type SolveOptions, solve } from '../../engine/solve.ts'
import { createStagedCounterfactuals } from '../../engine/stage-counterfactuals.ts'
import { type StagedSolution, solveInStages } from '../../engine/stages.ts'
import { type PolicyDocument, Tier } from '../policies/schemas.ts'
import type { BuiltProblem } from './build-problem.ts'
import type { RunResult } from './schemas.ts'

/** What came out, whichever way it was solved. */
export interface SolvedRun extends Pick<Solution, 'choice' | 'value' | 'bound' | 'gap' | 'rounds'> {
  /** One entry a tier; absent where all tiers were weighed together. */
  stages?: RunResult['stages']
  /** Need → the stage that it was served in; 0 for all where tiers were weighed together. */
  stageOfNeed: Uint8Array
  /**
   * What one more unit of each shared account would add, in utility; 0 where it is not scarce. Where tiers were served
   * one after the other: the highest of the stages' prices, because whichever tier it is that wants the unit, it may.
   */
  unitPrices: Float64Array
  /** Explains a need from the prices under which it was served. */
  explain(need: number): Explanation
  /**
   * What would have met an unmet need, found by solving its neighborhood again: in a problem with the same needs and
   * shared accounts, of which `choice` is this solution.
   */
  counterfactualsIn(problem: Problem, choice: Int32Array): (need: number) => Counterfactual
}

/** What to spend; value and bound in the reports are those of the whole run. */
export interface Effort extends Omit<SolveOptions, 'start' | 'warmPrices' | 'onRound'> {
  onRound?: (progress: { round: number; value: number; bound: number }) => void
}

const TIERS = Tier.options

/** The policy's order; documents adopted before there was a choice weigh all tiers together. */
export function solveRun(built: BuiltProblem, order: PolicyDocument['order'], effort: Effort): SolvedRun {
  return order === 'by_tier' ? solveByTier(built, effort) : solveWeighted(built, effort)
}

function solveWeighted({ problem, needs }: BuiltProblem, effort: Effort): SolvedRun {
  const rows = rowsOf(problem)
  const solution = solve(rows, effort)
  return {
    ...solution,
    stageOfNeed: new Uint8Array(needs.length),
    unitPrices: highestPrices([solution], rows.limits.length),
    explain: createExplainer(rows, solution),
    counterfactualsIn: (problem, choice) => createCounterfactuals(rowsOf(problem), { ...solution, choice }),
  }
}

function solveByTier({ problem, needs }: BuiltProblem, effort: Effort): SolvedRun {
  const rows = rowsOf(problem)
  const stageOfNeed = Uint8Array.from(needs, ({ need }) => TIERS.indexOf(need.tier))
  const staged = solveInStages(rows, stageOfNeed, { ...effort, stages: TIERS.length })
  const explainers = staged.stages.map(({ solution }) =>
    createExplainer(rows, pricedBy(solution, staged, rows.limits.length)),
  )
  return {
    ...staged,
    stages: staged.stages.map(({ solution: { value, bound, gap } }, stage) => {
      return { tier: TIERS[stage]!, value, bound, gap }
    }),
    stageOfNeed,
    unitPrices: highestPrices(
      staged.stages.map(({ solution }) => solution),
      rows.limits.length,
    ),
    explain: (need) => explainers[stageOfNeed[need]!]!(need),
    counterfactualsIn: (problem, choice) =>
      createStagedCounterfactuals(rowsOf(problem), stageOfNeed, { ...staged, choice }),
  }
}

/** In utility per unit; a stage's further accounts come after those of the run. */
function highestPrices(solutions: readonly Pick<Solution, 'prices' | 'scale'>[], accounts: number) {
  const highest = new Float64Array(accounts)
  for (const { prices, scale } of solutions) {
    for (let account = 0; account < accounts; account++) {
      highest[account] = Math.max(highest[account]!, prices[account]! / scale)
    }
  }
  return highest
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
