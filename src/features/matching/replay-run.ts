import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { enqueueJob } from '../../platform/jobs/enqueue-job.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from './get-run.ts'
import { performReplay } from './perform-replay.ts'
import { requireSnapshot } from './require-snapshot.ts'
import { replays } from './tables.ts'

export type ReplayRow = typeof replays.$inferSelect

/**
 * Has a run solved once more from what it read, to see whether the same comes out.
 * @throws Refusal `not_found` beyond the actor's reach, `state_conflict` for a run that is not solved.
 */
export async function replayRun(ctx: Context, runId: string): Promise<ReplayRow> {
  permit(ctx, 'run.replay')
  return inTransaction(ctx, async (ctx) => {
    requireSnapshot(await getRun(ctx, runId))
    const { organizationId } = ctx.actor
    const [replay] = await ctx.tx
      .insert(replays)
      .values({ id: ctx.newId(), runId, organizationId, state: 'queued', createdAt: ctx.clock() })
      .returning()
    await enqueueJob(ctx, performReplay, { replayId: replay!.id }, { key: `replay ${replay!.id}` })
    await record(ctx, 'run.replay', runId, { replayId: replay!.id })
    return replay!
  })
}
