/** The work of an import: its thread reads the feed, then everything is applied at once. As a job, or for a command. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { bulkLaneFor } from '../../platform/db/bulk-lane.ts'
import { Refusal } from '../../platform/errors.ts'
import { defineJob, type JobRun } from '../../platform/jobs/define-job.ts'
import { runInThread } from '../../platform/jobs/thread.ts'
import { applyImport } from './apply-import.ts'
import type { ImportReply, ImportReport, ImportRequest } from './import-protocol.ts'
import { createStaging, dropStaging } from './staging-table.ts'
import { feeds, importFlaws, imports } from './tables.ts'

type ImportRow = typeof imports.$inferSelect

/** Progress is for people: writing it more often would only cost. */
const PROGRESS_INTERVAL = 250

/** What a performance needs to know of who asked for it: a job, or a command that waits. */
export interface Performance extends Pick<JobRun, 'signal' | 'finish'> {
  onProgress?(progress: ImportReport): void
}

export const performImportJob = defineJob({
  name: 'import.perform',
  payload: z.object({ importId: z.uuid() }),
  attempts: 3,
  perform: (ctx, { importId }, job) => performImport(ctx, importId, job),
  async onGivenUp(ctx, { importId }, reason) {
    await failImport(ctx, importId, reason)
  },
})

/**
 * Reads the feed of an import and applies it. A feed that can't be read fails the import, with the catalog unchanged;
 * other failures are thrown, and a repeat begins again.
 */
export async function performImport(ctx: Context, importId: string, performance: Performance): Promise<void> {
  const row = await beginImport(ctx, importId)
  if (!row) return
  try {
    const reply = await readInThread(ctx, row, performance)
    await say(ctx, importId, { phase: 'applying', file: null, records: reply.staged })
    performance.onProgress?.({ phase: 'applying', file: null, records: reply.staged })
    await performance.finish((ctx) => applyImport(ctx, importId, reply))
  } catch (error) {
    if (!isFinal(error)) throw error
    await performance.finish((ctx) => failImport(ctx, importId, error.message))
  }
}

/** What the feed is refused for will be no different the next time. */
function isFinal(error: unknown): error is Refusal {
  return error instanceof Refusal && error.code === 'invalid_input'
}

/** Takes back what a try before has left. @returns null when there is nothing left to do. */
function beginImport(ctx: Context, importId: string): Promise<ImportRow | null> {
  return inTransaction(ctx, async (ctx) => {
    const [row] = await ctx.tx.select().from(imports).where(eq(imports.id, importId)).for('update')
    if (!row || !['queued', 'running'].includes(row.state)) return null
    await ctx.tx.delete(importFlaws).where(eq(importFlaws.importId, importId))
    await createStaging(ctx, importId)
    const [begun] = await ctx.tx
      .update(imports)
      .set({
        state: 'running',
        startedAt: ctx.clock(),
        progress: { phase: 'reading', file: null, records: 0 },
        version: row.version + 1,
      })
      .where(eq(imports.id, importId))
      .returning()
    return begun!
  })
}

async function readInThread(ctx: Context, row: ImportRow, performance: Performance): Promise<ImportReply> {
  const [feed] = await ctx.db.root.select().from(feeds).where(eq(feeds.id, row.feedId))
  const { organizationId, ownSourceId, name, sector } = feed!
  const lane = bulkLaneFor(ctx.db)
  const reports = progressWriter(ctx, row.id)
  const request: ImportRequest = {
    importId: row.id,
    feed: name,
    source: row.source,
    content: row.content,
    map: row.map,
    sector,
    own: organizationId && ownSourceId ? { sourceId: ownSourceId, id: organizationId } : null,
    allowPrivate: ctx.allowPrivateUrls,
    lane: lane.descriptor,
  }
  try {
    return await runInThread<ImportRequest, ImportReply>(
      new URL('./import-thread.ts', import.meta.url),
      request,
      {
        onProgress: (progress) => {
          performance.onProgress?.(progress as ImportReport)
          reports.write(progress as ImportReport)
        },
        signal: performance.signal,
        transfer: lane.transfer,
        serve: [lane],
      },
    )
  } finally {
    await reports.settled()
  }
}

/** Writes at most one report per interval, one at a time. */
function progressWriter(ctx: Context, importId: string) {
  let last = 0
  let writing: Promise<void> | null = null
  return {
    write(progress: ImportReport) {
      const now = ctx.clock().getTime()
      if (writing || now - last < PROGRESS_INTERVAL) return
      last = now
      writing = say(ctx, importId, progress)
        .catch((error) => ctx.log.warn({ err: error, importId }, 'progress was not written'))
        .finally(() => {
          writing = null
        })
    },
    settled: async () => writing,
  }
}

async function say(ctx: Context, importId: string, progress: ImportReport): Promise<void> {
  await ctx.db.root
    .update(imports)
    .set({ progress })
    .where(and(eq(imports.id, importId), eq(imports.state, 'running')))
}

/** Ends an import without effect. What its report says of the feed stays. */
export async function failImport(ctx: TransactionContext, importId: string, failure: string): Promise<void> {
  await ctx.tx
    .update(imports)
    .set({
      state: 'failed',
      failure,
      content: null,
      finishedAt: ctx.clock(),
      version: sql`${imports.version} + 1`,
    })
    .where(and(eq(imports.id, importId), inArray(imports.state, ['queued', 'running'])))
  await dropStaging(ctx, importId)
}
