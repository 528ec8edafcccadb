import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { enqueueJob } from '../../platform/jobs/enqueue-job.ts'
import { refusePast } from '../../platform/period.ts'
import { performRun } from './perform-run.ts'
import { releaseProposed } from './release-proposed.ts'
import { type RunRow, refuseOverlap } from './start-run.ts'
import { matchRuns } from './tables.ts'

/**
 * Queues a run to be solved once more around what reviewers have decided: pinned matches keep what they hold, the other
 * proposed ones give it back, and what was excluded is not proposed again. The run is locked.
 * @returns how many matches were given back.
 * @throws Refusal `state_conflict` unless it is proposed or returned, `invalid_input` for a month that is over,
 *   `duplicate` while another run over some of the same needs is under way.
 */
export async function reopenRun(ctx: TransactionContext, run: RunRow): Promise<number> {
  if (run.state !== 'proposed' && run.state !== 'returned') {
    throw new Refusal('state_conflict', `The run is ${run.state}; only one in review is solved again.`)
  }
  refusePast(run.period, ctx.clock())
  await refuseOverlap(ctx, run)
  const released = await releaseProposed(ctx, run.id, 'run_resolved')
  const revision = run.revision + 1
  await ctx.tx
    .update(matchRuns)
    .set({
      state: 'queued',
      progress: { phase: 'queued', round: null, value: null, bound: null },
      revision,
      resolvedAt: ctx.clock(),
      result: null,
      snapshotHash: null,
      assignmentHash: null,
      resultHash: null,
      engineVersion: null,
      finishedAt: null,
      version: run.version + 1,
    })
    .where(eq(matchRuns.id, run.id))
  await enqueueJob(ctx, performRun, { runId: run.id }, { key: `run ${run.id} ${revision}` })
  return released
}
