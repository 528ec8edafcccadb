import { and, eq, inArray } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { enqueueJob } from '../../platform/jobs/enqueue-job.ts'
import { parseInput } from '../../platform/parse-input.ts'
import type { JsonValue } from '../directory/record.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import { ColumnMap } from './columns/column-map.ts'
import { failImport, performImportJob } from './perform-import.ts'
import { type FeedSource, StartImport } from './schemas.ts'
import { feeds, imports } from './tables.ts'

type FeedRow = typeof feeds.$inferSelect
export type ImportRow = typeof imports.$inferSelect & { feed: string }

/**
 * Queues the import of a feed; a job performs it. The first import under a name makes the feed.
 * @throws Refusal `forbidden` for a provider's column map, `not_found` for another organization's feed,
 *   `duplicate` while another import of the feed is under way, `invalid_input` for a map that is none.
 */
export async function startImport(ctx: Context, input: StartImport): Promise<ImportRow> {
  permit(ctx, 'import.start')
  const { content = null, url, format, encoding, map, ...rest } = parseInput(StartImport, input)
  if (map !== undefined) requireMap(ctx, map)
  const source: FeedSource = { format, ...(url && { url }), ...(encoding && { encoding }) }
  return inTransaction(ctx, async (ctx) => {
    const row = await orderImport(ctx, { ...rest, source, content, map: (map ?? null) as JsonValue })
    await enqueueJob(ctx, performImportJob, { importId: row.id }, { key: `import ${row.id}` })
    return row
  })
}

/** Patterns of a map run as they are: only those who run the deployment may send one. */
function requireMap(ctx: Context, map: Record<string, unknown>): void {
  if (!['operator', SYSTEM.role].includes(ctx.actor.role)) {
    throw new Refusal('forbidden', 'Only an operator may send a column map.')
  }
  const parsed = ColumnMap.safeParse(map)
  if (parsed.success) return
  throw invalidInput(parsed.error.issues.map((issue) => ({ ...issue, path: ['map', ...issue.path] })))
}

/** An import as it is ordered: by request or by command. */
export interface Ordered {
  feed: string
  source: FeedSource
  content: string | null
  map: JsonValue
  dryRun: boolean
  sector?: FeedRow['sector'] | undefined
  ownSourceId?: string | undefined
  /** Whether the caller performs it itself. */
  attended?: boolean
}

/** Writes the import's row; makes its feed, or brings it up to date. */
export async function orderImport(ctx: TransactionContext, ordered: Ordered): Promise<ImportRow> {
  const feed = await reachFeed(ctx, ordered)
  await refuseOverlap(ctx, feed, ordered.attended ?? false)
  const { source, content, map, dryRun, attended = false } = ordered
  const [row] = await ctx.tx
    .insert(imports)
    .values({
      id: ctx.newId(),
      feedId: feed.id,
      source,
      content,
      map,
      dryRun,
      attended,
      state: 'queued',
      progress: { phase: 'queued', file: null, records: 0 },
      createdAt: ctx.clock(),
    })
    .returning()
  await record(ctx, 'import.start', row!.id, { feedId: feed.id, format: source.format, dryRun })
  await emit(ctx, 'import.started', row!.id, feed.organizationId, { feedId: feed.id })
  return { ...row!, feed: feed.name }
}

/** @throws Refusal `not_found` where the feed is another organization's. */
async function reachFeed(ctx: TransactionContext, ordered: Ordered): Promise<FeedRow> {
  const { feed: name, source, sector, ownSourceId } = ordered
  const organizationId = ctx.actor.role === SYSTEM.role ? null : ctx.actor.organizationId
  await ctx.tx
    .insert(feeds)
    .values({ id: ctx.newId(), name, organizationId, source, createdAt: ctx.clock() })
    .onConflictDoNothing({ target: feeds.name })
  const [known] = await ctx.tx.select().from(feeds).where(eq(feeds.name, name)).for('update')
  if (!known || (ctx.actor.role === 'provider' && known.organizationId !== organizationId)) {
    throw new Refusal('not_found', 'There is no such feed within reach; choose another name.')
  }
  const [feed] = await ctx.tx
    .update(feeds)
    .set({ source, ...(sector && { sector }), ...(ownSourceId && { ownSourceId }) })
    .where(eq(feeds.id, known.id))
    .returning()
  return feed!
}

/**
 * @throws Refusal `duplicate` while another import of the feed is under way. One that a command began, and that no job
 *   would bring to its end if the command was killed, is given up for a new one by command.
 */
async function refuseOverlap(ctx: TransactionContext, feed: FeedRow, attended: boolean): Promise<void> {
  const active = await ctx.tx
    .select()
    .from(imports)
    .where(and(eq(imports.feedId, feed.id), inArray(imports.state, ['queued', 'running'])))
    .for('update')
  for (const { id, ...other } of active) {
    if (!attended || !other.attended) {
      throw new Refusal('duplicate', `An import of the feed ${feed.name} is under way.`)
    }
    await failImport(ctx, id, 'Another command took over.')
  }
}
