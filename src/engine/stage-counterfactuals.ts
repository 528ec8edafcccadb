import {
  type Counterfactual,
  type CounterfactualPlan,
  createCounterfactuals,
  NEIGHBORHOOD,
} from './counterfactual.ts'
import type { Move } from './neighborhood-search.ts'
import type { ProblemRows } from './problem.ts'
import type { Solution } from './solve.ts'
import { type StageRows, stageRows } from './stage-rows.ts'
import type { StagedSolution } from './stages.ts'

/**
 * Prepares to say what would have met the unmet needs of a problem that was solved stage by stage. A need is
 * asked about in the problem of its own stage: later stages stand aside, no earlier one may lose, and what
 * earlier ones can make of a raise comes first (two earlier stages may share such a gain in another way than
 * stage by stage). What later stages then hold is not among `others`.
 *
 * Throws as `createCounterfactuals` does. A stage is prepared when it is first asked about; needs of stages
 * that were not solved have no single change.
 */
export function createStagedCounterfactuals(
  rows: ProblemRows,
  stageOfNeed: ArrayLike<number>,
  staged: StagedSolution,
  plan: CounterfactualPlan = {},
): (need: number) => Counterfactual {
  const prepared = new Map<number, Prepared>()
  return (need) => {
    const stage = Math.min(stageOfNeed[need] ?? 0, staged.stages.length - 1)
    let found = prepared.get(stage)
    if (found === undefined) {
      found = prepare(rows, stageOfNeed, staged, stage, plan)
      prepared.set(stage, found)
    }
    return inWholeProblem(found.ask(need), found.part)
  }
}

interface Prepared {
  readonly part: StageRows
  readonly ask: (need: number) => Counterfactual
}

function prepare(
  rows: ProblemRows,
  stageOfNeed: ArrayLike<number>,
  { stages, choice }: StagedSolution,
  stage: number,
  plan: CounterfactualPlan,
): Prepared {
  const { kept, solution } = stages[stage]!
  // A stage that has got nothing keeps nothing, and would be left out; but a raise could still be its first.
  const part = stageRows(
    rows,
    stageOfNeed,
    stage,
    kept.map((utility) => Math.max(1, utility)),
  )
  const { utilities, weight } = weighted(rows, part, stageOfNeed, stage, plan.size ?? NEIGHBORHOOD)
  // Any prices give a valid bound, these a close one: what earlier stages bid counts by their weight.
  const bids = stages[stage - 1]?.solution
  const prices = solution.prices.map((price, account) => {
    if (account >= rows.limits.length) return 0
    return price / solution.scale + (bids ? (weight * bids.prices[account]!) / bids.scale : 0)
  })
  const priced: Solution = { ...solution, choice: choiceInStage(part, choice), prices, scale: 1 }
  return { part, ask: createCounterfactuals({ ...part.rows, utilities }, priced, plan) }
}

/** A choice in the numbering of a stage's problem, without what that leaves out. */
function choiceInStage({ rows, options }: StageRows, choice: Int32Array): Int32Array {
  return choice.map((chosen, need) => {
    if (chosen < 0) return -1
    const last = rows.needOptions[need + 1]!
    for (let option = rows.needOptions[need]!; option < last; option++) {
      if (options[option] === chosen) return option
    }
    return -1
  })
}

/**
 * The utilities of this stage, and those of earlier ones times a weight that makes one unit of theirs worth
 * more than all that `size` needs of this stage can gain. Should totals leave the range of exact integers,
 * earlier utilities are rounded up to coarser units.
 */
function weighted(
  whole: ProblemRows,
  { rows, options }: StageRows,
  stageOfNeed: ArrayLike<number>,
  stage: number,
  size: number,
): { utilities: Float64Array; weight: number } {
  const utilities = Float64Array.from(rows.utilities)
  const mostOwn = utilities.reduce((most, utility) => Math.max(most, utility), 0)
  const weight = size * mostOwn + 1
  const mostUnits = Math.floor(Number.MAX_SAFE_INTEGER / weight / size) - 1
  let mostEarlier = 0
  for (const option of options) mostEarlier = Math.max(mostEarlier, whole.utilities[option]!)
  const unit = Math.max(1, Math.ceil(mostEarlier / mostUnits))
  for (let need = 0; need < stageOfNeed.length; need++) {
    if (stageOfNeed[need]! >= stage) continue
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      utilities[option] = Math.ceil(whole.utilities[options[option]!]! / unit) * weight
    }
  }
  return { utilities, weight: weight / unit }
}

function inWholeProblem(answer: Counterfactual, { options }: StageRows): Counterfactual {
  if (answer.outcome === 'none') return answer
  const named = (option: number) => (option < 0 ? -1 : options[option]!)
  const others = answer.others.map(({ need, from, to }): Move => ({ need, from: named(from), to: named(to) }))
  return { ...answer, option: named(answer.option), others }
}
