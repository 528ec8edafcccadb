import { assignmentOf } from './assignment.ts'
import { unmetFloors } from './floors.ts'
import { needCount, type ProblemRows } from './problem.ts'
import { residual } from './residual.ts'
import { type Progress, type Solution, type SolveOptions, solve } from './solve.ts'
import { type StageRows, stageRows } from './stage-rows.ts'

/**
 * What to spend on a staged problem. `rounds` are for the first stage and twice for every other one (to fill up
 * what is left, then to search); `seconds` are for all together.
 */
export interface StagesOptions extends Omit<SolveOptions, 'start' | 'warmPrices' | 'onRound'> {
  /** How many stages there are, if the last ones may have no needs. */
  readonly stages?: number
  /** Told after every round; rounds, value and bound are those of all stages so far. */
  readonly onRound?: (progress: Progress & { readonly stage: number }) => void
}

/** One assignment, with a proof for every stage of how good it is. */
export interface StagedSolution {
  /** Need → option index in the whole problem, or −1 when unmet. */
  readonly choice: Int32Array
  /** Total utility of the choice, all stages together. */
  readonly value: number
  /**
   * The sum of the stages' bounds. No assignment in which every stage keeps what `stages` says that it keeps
   * has a higher total utility.
   */
  readonly bound: number
  /** (bound − value) / bound; 0 when the bound is 0. */
  readonly gap: number
  /** Rounds run by all stages. */
  readonly rounds: number
  /** Floors of the problem itself that the choice misses; then no stage after the first was solved. */
  readonly unmetFloors: readonly number[]
  readonly stages: readonly StageSolution[]
}

/** The choice seen as a solution of one stage's problem. */
export interface StageSolution {
  /** What every earlier stage must keep here, in utility: with it, `stageProblem` gives this stage's problem. */
  readonly kept: readonly number[]
  /** In the numbering of the stage's problem. Its value counts the needs of this stage alone. */
  readonly solution: Solution
}

/**
 * Solves a problem stage by stage (lexicographic or preemptive optimization: Sherali & Soyster 1983,
 * _Preemptive and nonpreemptive multi-objective programming_): the utility of the needs of stage 0 first,
 * whatever it costs the others; then that of stage 1 among the assignments that keep what stage 0 has got, and
 * so on. Each stage starts from the assignment of the one before and ends with a bound of its own, so
 * "what it has got" is within a proven gap of the most that was possible. An earlier stage's gap makes the later
 * bounds loose: they allow for all that could be gained by serving it better than it is served here.
 *
 * `stageOfNeed` tells every need's stage, from 0. The same problem, stages, seed and rounds give the same bits.
 * Throws `RangeError` for stages that are not integers from 0 on, and as `solve` does.
 */
export function solveInStages(
  rows: ProblemRows,
  stageOfNeed: ArrayLike<number>,
  options: StagesOptions = {},
): StagedSolution {
  const stages = countStages(rows, stageOfNeed, options.stages)
  const optionsFor = planSolves(options, 2 * stages - 1)
  const solved: Solved[] = []
  let choice: Int32Array = new Int32Array(needCount(rows)).fill(-1)
  for (let stage = 0; stage < stages; stage++) {
    const kept = utilityByStage(rows, stageOfNeed, choice, stages).slice(0, stage)
    const part = stageRows(rows, stageOfNeed, stage, kept)
    const solution = solveStage(part, stage === 0 ? undefined : toStage(part, choice), () =>
      optionsFor(solved),
    )
    choice = fromStage(rows, part, solution.choice)
    solved.push({ kept, part, solution })
    if (solution.unmetFloors.length > 0) break
  }
  return conclude(rows, choice, solved)
}

interface Solved extends StageSolution {
  readonly part: StageRows
}

/**
 * The first stage is a plain problem. A later one first fills up what the earlier ones leave, none of whose
 * needs may move: a start worth 0.3 to 1.4 % more than what the search finds without it.
 */
function solveStage(
  { rows }: StageRows,
  before: Int32Array | undefined,
  nextOptions: () => SolveOptions,
): Solution {
  if (before === undefined) return solve(rows, nextOptions())
  const open = residual(rows, assignmentOf(rows, before))
  const filled = solve(open.rows, nextOptions())
  const start = before.slice()
  for (let need = 0; need < open.needs.length; need++) {
    if (filled.choice[need]! >= 0) start[open.needs[need]!] = open.options[filled.choice[need]!]!
  }
  const solution = solve(rows, { ...nextOptions(), start })
  return { ...solution, rounds: filled.rounds + solution.rounds }
}

function countStages(rows: ProblemRows, stageOfNeed: ArrayLike<number>, least = 1): number {
  if (stageOfNeed.length !== needCount(rows)) {
    throw new RangeError(`There are stages for ${stageOfNeed.length} needs, not for ${needCount(rows)}.`)
  }
  let stages = least
  for (let need = 0; need < stageOfNeed.length; need++) {
    const stage = stageOfNeed[need]!
    if (!(Number.isInteger(stage) && stage >= 0)) {
      throw new RangeError(`The stage of need number ${need} must be an integer from 0 on, not ${stage}.`)
    }
    if (stage >= stages) stages = stage + 1
  }
  return stages
}

/**
 * Options of one solve after the other, `solves` in all: each may use its even share of the time that is left
 * when it begins, and reports on top of what was done before.
 */
function planSolves({ stages: _stages, onRound, ...rest }: StagesOptions, solves: number) {
  const { seconds, now } = rest
  const deadline = seconds === undefined || now === undefined ? undefined : now() + seconds * 1000
  let left = solves
  let rounds = 0
  return (before: readonly StageSolution[]): SolveOptions => {
    const base = totalsOf(before)
    const firstRound = rounds
    const share = deadline === undefined ? undefined : Math.max(0, deadline - now!()) / 1000 / left--
    return {
      ...rest,
      ...(share !== undefined && { seconds: share }),
      ...(onRound && {
        onRound({ phase, round, value, bound }) {
          rounds = firstRound + round
          const stage = before.length
          onRound({ phase, round: rounds, value: base.value + value, bound: base.bound + bound, stage })
        },
      }),
    }
  }
}

function utilityByStage(
  rows: ProblemRows,
  stageOfNeed: ArrayLike<number>,
  choice: Int32Array,
  stages: number,
): number[] {
  const sums = new Array<number>(stages).fill(0)
  for (let need = 0; need < choice.length; need++) {
    const stage = stageOfNeed[need]!
    if (choice[need]! >= 0) sums[stage] = sums[stage]! + rows.utilities[choice[need]!]!
  }
  return sums
}

/**
 * A choice in the numbering of a stage's problem. What that problem leaves out is not chosen: it frees room
 * and changes neither the stage's value nor a floor.
 */
function toStage({ rows, options }: StageRows, choice: Int32Array): Int32Array {
  const own = new Int32Array(choice.length).fill(-1)
  for (let need = 0; need < choice.length; need++) {
    const last = rows.needOptions[need + 1]!
    for (let option = rows.needOptions[need]!; option < last; option++) {
      if (options[option] === choice[need]) own[need] = option
    }
  }
  return own
}

function fromStage(whole: ProblemRows, { options }: StageRows, choice: Int32Array): Int32Array {
  const all = new Int32Array(needCount(whole)).fill(-1)
  for (let need = 0; need < choice.length; need++) {
    if (choice[need]! >= 0) all[need] = options[choice[need]!]!
  }
  return all
}

/**
 * Sees the final choice as a solution of every stage. It is one: what an earlier stage had to keep, every later
 * one had to keep too, and at least as much. So an earlier value may have grown since, but never fallen.
 */
function conclude(rows: ProblemRows, choice: Int32Array, solved: readonly Solved[]): StagedSolution {
  const stages = solved.map(({ kept, part, solution }): StageSolution => {
    const own = toStage(part, choice)
    const value = own.reduce((sum, option) => sum + (option < 0 ? 0 : part.rows.utilities[option]!), 0)
    return { kept, solution: { ...solution, choice: own, value, gap: gapOf(value, solution.bound) } }
  })
  const { value, bound, rounds } = totalsOf(stages)
  const gap = gapOf(value, bound)
  return { choice, value, bound, gap, rounds, unmetFloors: unmetFloors(rows, choice), stages }
}

function totalsOf(stages: readonly StageSolution[]): { value: number; bound: number; rounds: number } {
  const totals = { value: 0, bound: 0, rounds: 0 }
  for (const { solution } of stages) {
    totals.value += solution.value
    totals.bound += solution.bound
    totals.rounds += solution.rounds
  }
  return totals
}

const gapOf = (value: number, bound: number): number => (bound === 0 ? 0 : (bound - value) / bound)
