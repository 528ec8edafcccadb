/** The job of a replay: solve in a thread, then write down whether the same came out. */
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { solveAgain } from './solve-again.ts'
import { replays } from './tables.ts'

export const performReplay = defineJob({
  name: 'run.replay',
  payload: z.object({ replayId: z.uuid() }),
  attempts: 3,
  async perform(ctx, { replayId }, job) {
    const replay = await beginReplay(ctx, replayId)
    if (!replay) return
    const report = await solveAgain(ctx, replay.runId, job.signal)
    await job.finish(async (ctx) => {
      await ctx.tx
        .update(replays)
        .set({ state: 'finished', report, finishedAt: ctx.clock() })
        .where(eq(replays.id, replayId))
      const { runId, organizationId } = replay
      await record(ctx, 'run.conclude_replay', runId, { replayId, ...report })
      await emit(ctx, 'run.replayed', runId, organizationId, { replayId, ...report })
    })
  },
  async onGivenUp(ctx, { replayId }, failure) {
    await ctx.tx
      .update(replays)
      .set({ state: 'failed', failure, finishedAt: ctx.clock() })
      .where(eq(replays.id, replayId))
  },
})

async function beginReplay(ctx: Context, id: string) {
  const [replay] = await ctx.db.root
    .update(replays)
    .set({ state: 'running' })
    .where(eq(replays.id, id))
    .returning()
  return replay
}
