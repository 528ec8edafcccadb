/** Solves a run's problem in the order that its policy asks for: all tiers weighed together, or one after the other. */
import { type Counterfactual, createCounterfactuals } from '../../engine/counterfactual.ts'
import { createExplainer, type Explanation } from '../../engine/explain.ts'
import { rowsOf } from '../../engine/problem.ts'
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
  /** Explains a need from the prices under which it was served. */
  explain(need: number): Explanation
  /** What would have met an unmet need, found by solving its neighborhood again. */
  counterfactual(need: number): Counterfactual
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
    explain: createExplainer(rows, solution),
    counterfactual: createCounterfactuals(rows, solution),
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
    explain: (need) => explainers[stageOfNeed[need]!]!(need),
    counterfactual: createStagedCounterfactuals(rows, stageOfNeed, staged),
  }
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
