/** A run from the database to its reply, through the bulk lane: what its thread does. */
import type { BulkLane } from '../../platform/db/bulk-lane.ts'
import { keepSnapshot } from './keep-snapshot.ts'
import { readSnapshot } from './read-snapshot.ts'
import type { RunReply, RunRequest } from './run-protocol.ts'
import { type Say, type WorkedOut, workOutRun } from './work-out-run.ts'

/** Reads the snapshot, works the run out, keeps the snapshot and writes the evidence. */
export async function workOutInLane(lane: BulkLane, request: RunRequest, say: Say): Promise<RunReply> {
  say('reading')
  const snapshot = await readSnapshot(lane, request)
  const workedOut = workOutRun(snapshot, request, say)
  await keepSnapshot(lane, request.encryptionKey, request.runId, snapshot)
  await writeEvidence(lane, request.runId, workedOut)
  return workedOut.reply
}

/** The explanations last: where a run has all of those, it has its snapshot and its prices as well. */
async function writeEvidence(lane: BulkLane, runId: string, { prices, explanations }: WorkedOut) {
  await lane.copyIn(
    'run_prices',
    ['run_id', 'account_id', 'price'],
    prices.map(([accountId, price]) => [runId, accountId, price]),
  )
  await lane.copyIn(
    'run_needs',
    ['run_id', 'need_id', 'reason', 'explanation'],
    explanations.map(({ needId, explanation }) => [
      runId,
      needId,
      explanation.reason,
      JSON.stringify(explanation),
    ]),
  )
}
