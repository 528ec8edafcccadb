import { and, asc, desc, eq, gt, inArray, lt, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { ownOrSeconded } from '../identity/bodies.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import type { MatchesQuery } from './schemas.ts'
import type { RunRow } from './start-run.ts'
import { matches, matchRuns } from './tables.ts'

export type MatchRow = typeof matches.$inferSelect

/** One run within the actor's reach. @throws Refusal `not_found` beyond it. */
export async function getRun(ctx: Context, id: string): Promise<RunRow> {
  permit(ctx, 'run.read')
  const [run] = await query(ctx)
    .select()
    .from(matchRuns)
    .where(and(eq(matchRuns.id, id), await runsWithinReach(ctx)))
  return found(run, 'run')
}

/** Purchasers reach the runs of their own organization and of those they are the second body of; purchasers and supervisors, those of their area. */
export async function runsWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, areaId } = ctx.actor
  if (role === SYSTEM.role) return undefined
  return and(
    role === 'supervisor' ? undefined : ownOrSeconded(ctx.actor, matchRuns.organizationId),
    areaId ? inArray(matchRuns.areaId, await areaSubtree(ctx, areaId)) : undefined,
  )
}

/** Runs within the actor's reach, newest first. */
export async function listRuns(ctx: Context, { limit, cursor }: PageQuery): Promise<Page<RunRow>> {
  permit(ctx, 'run.read')
  const rows = await query(ctx)
    .select()
    .from(matchRuns)
    .where(and(await runsWithinReach(ctx), cursor ? lt(matchRuns.id, cursor) : undefined))
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
