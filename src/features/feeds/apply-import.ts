/** The last step of an import: the staged records become the directory's, all of them or none, in one transaction. */
import { and, eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import type { Handle } from '../../platform/db/client.ts'
import { emit } from '../../platform/events/emit.ts'
import { projectOfferings } from '../catalog/project-offerings.ts'
import { type PutStaged, putStagedRecords, type StagedTable } from '../directory/put-staged-records.ts'
import { appendFlaws } from './append-flaws.ts'
import { countFlaws, countRecords, settleAccounts } from './count-import.ts'
import { sampleChanges } from './import-diff.ts'
import type { ImportReply } from './import-protocol.ts'
import { ACCEPTED, judgeStaged } from './judge-staged.ts'
import type { ImportResult } from './schemas.ts'
import { stagingTableOf } from './staged-columns.ts'
import { dropStaging } from './staging-table.ts'
import { feeds, imports } from './tables.ts'

type FeedRow = typeof feeds.$inferSelect
type ImportRow = typeof imports.$inferSelect

/**
 * Applies what the import's thread staged. A dry run does the same and takes it back, so that it reports exactly what
 * a real one would do. An import that was given up meanwhile writes nothing.
 */
export async function applyImport(
  ctx: TransactionContext,
  importId: string,
  reply: ImportReply,
): Promise<void> {
  const found = await lockRunning(ctx, importId)
  if (!found) return
  const { feed, row } = found
  await requireStaged(ctx, importId, reply)
  // One import at a time writes: two with records in common would otherwise wait for each other's rows.
  await ctx.tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('feeds.apply', 0))`)
  await ctx.tx.execute(sql`set local work_mem = '64MB'`)
  const boundTo = ctx.actor.role === 'provider' ? ctx.actor.organizationId : null
  let flaws = reply.flaws
  flaws += await judgeStaged(ctx, { importId, feedId: feed.id, boundTo, flaws })
  const changes = row.dryRun ? { changes: await sampleChanges(ctx, importId) } : {}
  const all = await (row.dryRun ? rehearsed(ctx, (ctx) => putAll(ctx, row)) : putAll(ctx, row))
  await appendFlaws(ctx, importId, flaws, all.flaws)
  const result = {
    ...(await countRecords(ctx, { importId, feedId: feed.id }, all.put, reply.refused)),
    files: await settleAccounts(ctx, importId, reply.accounts),
    flaws: await countFlaws(ctx, importId),
    offerings: all.offerings,
    ...changes,
  }
  await finishImport(ctx, feed, row, result)
}

async function lockRunning(
  ctx: TransactionContext,
  importId: string,
): Promise<{ row: ImportRow; feed: FeedRow } | null> {
  const [row] = await ctx.tx
    .select()
    .from(imports)
    .where(and(eq(imports.id, importId), eq(imports.state, 'running')))
    .for('update')
  if (!row) return null
  const [feed] = await ctx.tx.select().from(feeds).where(eq(feeds.id, row.feedId))
  return { row, feed: feed! }
}

/**
 * Queues may deliver a job again while it runs, and a crash of the server empties unlogged tables: then the staging
 * table is not what the thread filled, and the import must begin again.
 */
async function requireStaged(ctx: TransactionContext, importId: string, reply: ImportReply): Promise<void> {
  const table = sql.identifier(stagingTableOf(importId))
  const { rows } = (await ctx.tx.execute(sql`select count(*)::int as count from ${table}`)) as unknown as {
    rows: { count: number }[]
  }
  if (rows[0]!.count !== reply.staged) throw new Error('The staged records are not those that were read.')
  await ctx.tx.execute(sql`analyze ${table}`)
}

/** What the directory and the catalog made of the feed. */
export interface PutAll {
  put: PutStaged
  offerings: number
  flaws: { id: string; field: string; reason: string }[]
}

async function putAll(ctx: TransactionContext, { id, feedId }: ImportRow): Promise<PutAll> {
  const from: StagedTable = { name: stagingTableOf(id), put: ACCEPTED, order: 'ordinal' }
  const put = await putStagedRecords(ctx, from, { feedId })
  const { projected, flaws } = await projectOfferings(ctx, put.places)
  return { put, offerings: projected, flaws }
}

/** What `work` would return, with everything it wrote taken back. */
async function rehearsed<T>(
  ctx: TransactionContext,
  work: (ctx: TransactionContext) => Promise<T>,
): Promise<T> {
  const rehearsal = new Rehearsal<T>()
  await ctx.tx
    .transaction(async (tx) => {
      rehearsal.outcome = { value: await work({ ...ctx, tx: tx as unknown as Handle }) }
      throw rehearsal
    })
    .catch((error) => {
      if (error !== rehearsal) throw error
    })
  return rehearsal.outcome!.value
}

/** Thrown to roll a savepoint back. */
class Rehearsal<T> extends Error {
  outcome: { value: T } | null = null
}

async function finishImport(
  ctx: TransactionContext,
  feed: FeedRow,
  { id, dryRun, version }: ImportRow,
  result: ImportResult,
): Promise<void> {
  await dropStaging(ctx, id)
  await ctx.tx
    .update(imports)
    .set({
      state: 'done',
      result,
      progress: { phase: 'finished', file: null, records: totalOf(result) },
      content: null,
      finishedAt: ctx.clock(),
      version: version + 1,
    })
    .where(eq(imports.id, id))
  if (dryRun) return
  const { created, updated, refused } = result.total
  const facts = { importId: id, created, updated, refused, offerings: result.offerings }
  await record(ctx, 'feed.import', feed.id, facts)
  await emit(ctx, 'feed.imported', feed.id, feed.organizationId, facts)
}

const totalOf = ({ total }: ImportResult) => total.created + total.updated + total.unchanged + total.refused
