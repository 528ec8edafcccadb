import { and, asc, desc, eq, gt, lt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import type { MatchesQuery } from './schemas.ts'
import type { RunRow } from './start-run.ts'
import { matches, matchRuns, type runNeeds } from './tables.ts'

export type MatchRow = typeof matches.$inferSelect
export type RunNeedRow = typeof runNeeds.$inferSelect

/**
 * One run in the actor's area: of a purchaser's own organization, or any for a supervisor.
 * @throws Refusal `not_found` beyond that reach.
 */
export async function getRun(ctx: Context, id: string): Promise<RunRow> {
  permit(ctx, 'run.read')
  const [run] = await query(ctx).select().from(matchRuns).where(eq(matchRuns.id, id))
  const row = found(run, 'run')
  return found((await mayRead(ctx, row)) ? row : null, 'run')
}

async function mayRead(ctx: Context, run: RunRow): Promise<boolean> {
  const { role, organizationId, areaId } = ctx.actor
  if (role === SYSTEM.role) return true
  if (role !== 'supervisor' && run.organizationId !== organizationId) return false
  return areaId === null || (await areaSubtree(ctx, areaId)).includes(run.areaId)
}

/** Runs of the actor's organization, newest first. */
export async function listRuns(ctx: Context, { limit, cursor }: PageQuery): Promise<Page<RunRow>> {
  permit(ctx, 'run.read')
  const rows = await query(ctx)
    .select()
    .from(matchRuns)
    .where(
      and(
        eq(matchRuns.organizationId, ctx.actor.organizationId),
        cursor ? lt(matchRuns.id, cursor) : undefined,
      ),
    )
    .orderBy(desc(matchRuns.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** The matches of a run, in order of their ids. */
export async function listMatches(
  ctx: Context,
  runId: string,
  { limit, cursor, state }: MatchesQuery,
): Promise<Page<MatchRow>> {
  await getRun(ctx, runId)
  const rows = await query(ctx)
    .select()
    .from(matches)
    .where(
      and(
        eq(matches.runId, runId),
        cursor ? gt(matches.id, cursor) : undefined,
        state ? eq(matches.state, state) : undefined,
      ),
    )
    .orderBy(asc(matches.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
