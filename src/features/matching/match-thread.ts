/** The run's thread: reads the snapshot, builds the problem, solves it, writes the evidence, answers the choices. */
import { createHash } from 'node:crypto'
import { firstComeFirstServed } from '../../engine/first-come.ts'
import { rowsOf } from '../../engine/problem.ts'
import { canonicalJson } from '../../platform/audit/canonical-json.ts'
import { type BulkLane, openBulkLane } from '../../platform/db/bulk-lane.ts'
import { answerInThread } from '../../platform/jobs/thread.ts'
import { type BuiltProblem, buildProblem } from './build-problem.ts'
import { choiceOf } from './choice-of.ts'
import { explainNeeds } from './explain-needs.ts'
import { readSnapshot } from './read-snapshot.ts'
import { recruitThreads, usefulThreads } from './recruit-threads.ts'
import type { Choice, RunReply, RunReport, RunRequest } from './run-protocol.ts'
import type { Snapshot } from './snapshot.ts'
import { type SolvedRun, solveRun } from './solve-run.ts'
import { summarize } from './summarize.ts'

answerInThread<RunRequest, RunReply>(async (request, report) => {
  const lane = await openBulkLane(request.lane)
  const say = (phase: RunReport['phase'], figures: Partial<RunReport> = {}) =>
    report({ phase, round: null, value: null, bound: null, ...figures } satisfies RunReport)
  try {
    say('reading')
    const snapshot = await readSnapshot(lane, request)
    say('building')
    const built = buildProblem(snapshot)
    const solution = solveRun(built, snapshot.policy.order, {
      seed: request.seed,
      rounds: request.rounds,
      threads: usefulThreads(),
      recruit: recruitThreads,
      onRound: (progress) => say('solving', progress),
    })
    say('writing', { value: solution.value, bound: solution.bound })
    const firstCome = firstComeFirstServed(rowsOf(built.problem), arrivalOrder(built), request.seed)
    await writePrices(lane, request.runId, built, solution)
    const explanations = explainNeeds(snapshot, built, solution)
    await lane.copyIn(
      'run_needs',
      ['run_id', 'need_id', 'reason', 'explanation'],
      explanations.map(({ needId, explanation }) => [
        request.runId,
        needId,
        explanation.reason,
        JSON.stringify(explanation),
      ]),
    )
    const reasons = explanations.map(({ explanation }) => explanation.reason)
    return {
      result: summarize(snapshot, built, solution, firstCome, reasons),
      choices: choicesOf(built, solution),
      snapshotHash: hashOf(canonicalJson({ snapshot, seed: request.seed, rounds: request.rounds })),
      assignmentHash: hashOf(positionsOf(snapshot, built, solution)),
    }
  } finally {
    await lane.close()
  }
})

/** Before the explanations: where a run has all of those, it has its prices as well. */
async function writePrices(lane: BulkLane, runId: string, { problem }: BuiltProblem, solution: SolvedRun) {
  const scarce = problem.names.accounts.flatMap((accountId, account) => {
    const price = solution.unitPrices[account]!
    return price > 0 ? [[runId, accountId, price]] : []
  })
  await lane.copyIn('run_prices', ['run_id', 'account_id', 'price'], scarce)
}

/** Who has waited longest comes first; of equals, who registered first. */
function arrivalOrder(built: BuiltProblem): Int32Array {
  const order = Int32Array.from(built.needs.keys())
  return order.sort((a, b) => built.needs[b]!.need.waitingDays - built.needs[a]!.need.waitingDays || a - b)
}

function choicesOf(built: BuiltProblem, solution: SolvedRun): Choice[] {
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

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
