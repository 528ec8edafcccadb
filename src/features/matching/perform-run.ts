/** The job of a run: solve in a thread, then write matches and holds in one transaction. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { bulkLaneFor } from '../../platform/db/bulk-lane.ts'
import { emit } from '../../platform/events/emit.ts'
import { defineJob, type JobRun } from '../../platform/jobs/define-job.ts'
import { runInThread } from '../../platform/jobs/thread.ts'
import { policies } from '../policies/tables.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { needsOfRun } from './needs-of-run.ts'
import { orderedAt } from './ordered-at.ts'
import { releaseProposed } from './release-proposed.ts'
import type { RunReply, RunReport, RunRequest } from './run-protocol.ts'
import { matchRuns } from './tables.ts'
import { dropEvidence, writeRun } from './write-run.ts'

type RunRow = typeof matchRuns.$inferSelect

/** Progress is for people: writing it more often would only cost. */
const PROGRESS_INTERVAL = 250

export const performRun = defineJob({
  name: 'run.perform',
  payload: z.object({ runId: z.uuid() }),
  attempts: 3,
  perform: (ctx, { runId }, job) => carryOutRun(ctx, runId, job, solveInThread),
  async onGivenUp(ctx, { runId }, reason) {
    await abandonRun(ctx, runId, 'failed', reason)
  },
})

/** Works a run out; null when it was cancelled meanwhile. */
export type SolveRun = (ctx: Context, run: RunRow, job: JobRun) => Promise<RunReply | null>

/** The work of the job, whichever way it is solved: in a thread of its own, or in this one where a run is tiny. */
export async function carryOutRun(ctx: Context, runId: string, job: JobRun, solve: SolveRun): Promise<void> {
  const run = await beginRun(ctx, runId)
  if (!run) return
  const reply = await solve(ctx, run, job)
  await job.finish((ctx) => (reply ? writeRun(ctx, run.id, reply) : dropEvidence(ctx, run.id)))
}

/**
 * Takes the open needs of the run's area into the run, once: a repeat after a crash works on the same needs. The
 * evidence that the first try left counts for nothing before the run is proposed.
 * @returns the run, or null when there is nothing left to do.
 */
async function beginRun(ctx: Context, runId: string): Promise<RunRow | null> {
  return inTransaction(ctx, async (ctx) => {
    const [run] = await ctx.tx.select().from(matchRuns).where(eq(matchRuns.id, runId)).for('update')
    if (!run || !['queued', 'running'].includes(run.state)) return null
    await dropEvidence(ctx, runId)
    if (run.state === 'queued') {
      await moveNeeds(ctx, await needsOfRun(ctx, run, ['registered', 'unmet']), 'in_run')
    }
    const [begun] = await ctx.tx
      .update(matchRuns)
      .set({ state: 'running', progress: { phase: 'reading', round: null, value: null, bound: null } })
      .where(eq(matchRuns.id, runId))
      .returning()
    return begun!
  })
}

/** @returns null when the run was cancelled meanwhile. */
async function solveInThread(ctx: Context, run: RunRow, job: JobRun): Promise<RunReply | null> {
  const lane = bulkLaneFor(ctx.db)
  const cancelled = new AbortController()
  const reports = progressWriter(ctx, run.id, () => cancelled.abort())
  const request = await requestOf(ctx, run, lane.descriptor)
  try {
    return await runInThread<RunRequest, RunReply>(new URL('./match-thread.ts', import.meta.url), request, {
      onProgress: (progress) => reports.write(progress as RunReport),
      signal: AbortSignal.any([job.signal, cancelled.signal]),
      transfer: lane.transfer,
      serve: [lane],
    })
  } catch (error) {
    if (cancelled.signal.aborted) return null
    throw error
  } finally {
    await reports.settled()
  }
}

/** All that working a run out depends on. */
export async function requestOf(ctx: Context, run: RunRow, lane: RunRequest['lane']): Promise<RunRequest> {
  const { document: policy } = await policyOf(ctx, run)
  return {
    runId: run.id,
    areaId: run.areaId,
    period: run.period,
    currency: ctx.currency,
    policy,
    recipientId: run.organizationId,
    // The instant of the order, not of the try: a repeat reads the same waiting times and consents.
    now: orderedAt(run),
    timeZone: ctx.timeZone,
    seed: run.seed,
    rounds: run.rounds,
    lane,
    encryptionKey: ctx.encryptionKey,
  }
}

async function policyOf(ctx: Context, run: RunRow) {
  const [policy] = await ctx.db.root.select().from(policies).where(eq(policies.id, run.policyId))
  return policy!
}

/** Writes at most one report per interval, one at a time; notices that the run is not running any more. */
function progressWriter(ctx: Context, runId: string, onCancelled: () => void) {
  let last = 0
  let writing: Promise<void> = Promise.resolve()
  let busy = false
  const put = async (progress: RunReport) => {
    const updated = await ctx.db.root
      .update(matchRuns)
      .set({ progress })
      .where(and(eq(matchRuns.id, runId), eq(matchRuns.state, 'running')))
      .returning({ id: matchRuns.id })
    if (updated.length === 0) onCancelled()
  }
  return {
    write(progress: RunReport) {
      const now = ctx.clock().getTime()
      if (busy || now - last < PROGRESS_INTERVAL) return
      last = now
      busy = true
      writing = put(progress)
        .catch((error) => ctx.log.warn({ err: error, runId }, 'progress was not written'))
        .finally(() => {
          busy = false
        })
    },
    settled: () => writing,
  }
}

/** Until the approval a run can be given up; its job only while it is under way. */
const ENDS_FROM = {
  failed: ['queued', 'running'],
  cancelled: ['queued', 'running', 'proposed', 'returned'],
} as const

/** Ends a run without matches and gives its needs back. Where it was in review, what it proposed is free again. */
export async function abandonRun(
  ctx: TransactionContext,
  runId: string,
  state: 'failed' | 'cancelled',
  failure: string | null,
): Promise<RunRow | null> {
  const [run] = await ctx.tx
    .update(matchRuns)
    .set({ state, failure, finishedAt: ctx.clock(), version: sql`${matchRuns.version} + 1` })
    .where(and(eq(matchRuns.id, runId), inArray(matchRuns.state, ENDS_FROM[state])))
    .returning()
  if (!run) return null
  await releaseProposed(ctx, runId, `run_${state}`)
  await dropEvidence(ctx, runId)
  await moveNeeds(ctx, await needsOfRun(ctx, run, ['in_run']), 'registered')
  await emit(ctx, `run.${state}`, run.id, run.organizationId, { failure })
  return run
}
