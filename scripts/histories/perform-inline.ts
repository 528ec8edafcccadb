/**
 * The job of a run in this thread, and without the reasons of those it leaves out: for ten needs, starting a thread and
 * solving every neighborhood again would take longer than all the rest. Snapshot, solving and writing are the real ones.
 */
import { keepSnapshot } from '../../src/features/matching/keep-snapshot.ts'
import { carryOutRun, requestOf } from '../../src/features/matching/perform-run.ts'
import { readSnapshot } from '../../src/features/matching/read-snapshot.ts'
import type { RunReply, RunRequest } from '../../src/features/matching/run-protocol.ts'
import type { RunResult } from '../../src/features/matching/schemas.ts'
import { choicesOf, solveSnapshot } from '../../src/features/matching/work-out-run.ts'
import { type Context, inTransaction } from '../../src/platform/context.ts'
import { type BulkLane, bulkLaneFor, openBulkLane } from '../../src/platform/db/bulk-lane.ts'

export async function performInline(ctx: Context, runId: string): Promise<void> {
  const { signal } = new AbortController()
  const finish = (work: Parameters<typeof inTransaction<void>>[1]) =>
    inTransaction(ctx, work).then(() => true)
  await carryOutRun(ctx, runId, { id: runId, attempt: 1, signal, finish }, async (ctx, run) => {
    const offer = bulkLaneFor(ctx.db)
    const lane = await openBulkLane(offer.descriptor)
    try {
      return await workOut(lane, await requestOf(ctx, run, offer.descriptor))
    } finally {
      await lane.close()
      offer.close()
    }
  })
}

async function workOut(lane: BulkLane, request: RunRequest): Promise<RunReply> {
  const snapshot = await readSnapshot(lane, request)
  const { built, solution } = solveSnapshot(snapshot, request)
  await keepSnapshot(lane, request.encryptionKey, request.runId, snapshot)
  await lane.copyIn(
    'run_needs',
    ['run_id', 'need_id', 'reason', 'explanation'],
    built.needs.map(({ need }) => [request.runId, need.id, null, '{}']),
  )
  const { value, bound, gap, rounds } = solution
  const hash = '0'.repeat(64)
  return {
    result: { value, bound, gap, rounds } as RunResult,
    choices: choicesOf(built, solution),
    snapshotHash: hash,
    assignmentHash: hash,
    resultHash: hash,
  }
}
