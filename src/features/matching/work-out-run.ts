/** Everything that a run comes to, from its snapshot, seed and rounds alone: what a replay works out once more. */
import { createHash } from 'node:crypto'
import { firstComeFirstServed } from '../../engine/first-come.ts'
import { rowsOf } from '../../engine/problem.ts'
import { canonicalPieces } from '../../platform/audit/canonical-json.ts'
import { type BuiltProblem, buildProblem } from './build-problem.ts'
import { choiceOf } from './choice-of.ts'
import { type ExplainedNeed, explainNeeds } from './explain-needs.ts'
import { recruitThreads, threadsFor } from './recruit-threads.ts'
import type { Choice, RunReply, RunReport } from './run-protocol.ts'
import type { Snapshot } from './snapshot.ts'
import { type SolvedRun, solveRun } from './solve-run.ts'
import { summarize } from './summarize.ts'

/** Told of each step, and of value and bound so far. */
export type Say = (phase: RunReport['phase'], figures?: Partial<RunReport>) => void

export interface Effort {
  seed: number
  rounds: number
}

export interface SolvedSnapshot {
  built: BuiltProblem
  solution: SolvedRun
}

/** Builds the problem and solves it under the snapshot's policy, with as many threads as help. */
export function solveSnapshot(
  snapshot: Snapshot,
  { seed, rounds }: Effort,
  say: Say = () => {},
): SolvedSnapshot {
  say('building')
  const built = buildProblem(snapshot)
  const solution = solveRun(built, snapshot.policy.order, {
    seed,
    rounds,
    threads: threadsFor(built.needs.length, rounds),
    recruit: recruitThreads,
    onRound: (progress) => say('solving', progress),
  })
  return { built, solution }
}

export interface WorkedOut {
  reply: RunReply
  explanations: ExplainedNeed[]
  /** By account, in the problem's order; only of those that are scarce. */
  prices: [accountId: string, price: number][]
}

export function workOutRun(snapshot: Snapshot, effort: Effort, say?: Say): WorkedOut {
  const { seed, rounds } = effort
  const { built, solution } = solveSnapshot(snapshot, effort, say)
  say?.('writing', { value: solution.value, bound: solution.bound })
  const firstCome = firstComeFirstServed(rowsOf(built.problem), arrivalOrder(built), seed)
  const explanations = explainNeeds(snapshot, built, solution)
  const reasons = explanations.map(({ explanation }) => explanation.reason)
  const result = summarize(snapshot, built, solution, firstCome, reasons)
  const choices = choicesOf(built, solution)
  const prices = scarcePrices(built, solution)
  return {
    explanations,
    prices,
    reply: {
      result,
      choices,
      snapshotHash: hashOf(canonicalPieces({ snapshot, seed, rounds }, 3)),
      assignmentHash: hashOf([positionsOf(snapshot, built, solution)]),
      resultHash: hashOf(canonicalPieces({ choices, prices, reasons, result }, 2)),
    },
  }
}

function scarcePrices({ problem }: BuiltProblem, { unitPrices }: SolvedRun): WorkedOut['prices'] {
  return problem.names.accounts.flatMap((accountId, account): WorkedOut['prices'] => {
    const price = unitPrices[account]!
    return price > 0 ? [[accountId, price]] : []
  })
}

/** Who has waited longest comes first; of equals, who registered first. */
function arrivalOrder(built: BuiltProblem): Int32Array {
  const order = Int32Array.from(built.needs.keys())
  return order.sort((a, b) => built.needs[b]!.need.waitingDays - built.needs[a]!.need.waitingDays || a - b)
}

/** What the solution chose, need by need, in the problem's order. */
export function choicesOf(built: BuiltProblem, solution: SolvedRun): Choice[] {
  return built.needs.flatMap(({ need, resident }, index): Choice[] => {
    const option = built.options[solution.choice[index]!]
    if (!option) return []
    return [choiceOf(need, resident, option, solution.stageOfNeed[index]!)]
  })
}

/**
 * The assignment by positions in the snapshot (need, offering, program), not by ids: two databases filled in the same
 * order have different ids and the same hash.
 */
function positionsOf(snapshot: Snapshot, built: BuiltProblem, solution: SolvedRun): string {
  const offerings = new Map(snapshot.offerings.map(({ id }, index) => [id, index]))
  const programs = new Map(snapshot.programs.map(({ id }, index) => [id, index]))
  return built.needs
    .map((_, index) => {
      const option = built.options[solution.choice[index]!]
      if (!option) return '-'
      return `${offerings.get(option.offering.id)}/${option.program ? programs.get(option.program.id) : 'self'}`
    })
    .join('\n')
}

/** Long enough that a call costs nothing beside the hashing, short enough for memory. */
const CHUNK = 64 * 1024

function hashOf(pieces: Iterable<string>): string {
  const hash = createHash('sha256')
  let chunk = ''
  for (const piece of pieces) {
    chunk += piece
    if (chunk.length < CHUNK) continue
    hash.update(chunk)
    chunk = ''
  }
  return hash.update(chunk).digest('hex')
}
