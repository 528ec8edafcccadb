import { and, asc, eq, gt, inArray, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { areaSubtree } from './area-subtree.ts'
import { GridPost, type GridTeamsQuery, type PostState } from './station-schemas.ts'
import { areas, gridPosts } from './tables.ts'

/** A grid with its five posts, in the order of the list of posts. */
export interface GridTeamRow {
  id: string
  code: string
  name: string
  posts: { post: GridPost; state: PostState; changedAt: Date | null }[]
}

/** Teams of grids in order of the grids' creation: all, those with vacant posts, or the full ones. */
export async function listGridTeams(
  ctx: Context,
  { limit, cursor, areaId, vacant }: GridTeamsQuery,
): Promise<Page<GridTeamRow>> {
  permit(ctx, 'grid_team.read')
  const filled = sql`(select count(*) from ${gridPosts} where ${gridPosts.areaId} = ${areas.id}
    and ${gridPosts.state} = 'filled')`
  const full = sql`${filled} = ${GridPost.options.length}`
  const rows = await teams(
    ctx,
    and(
      cursor ? gt(areas.id, cursor) : undefined,
      areaId ? inArray(areas.id, await areaSubtree(ctx, areaId)) : undefined,
      vacant && (vacant === 'true' ? sql`not ${full}` : full),
    ),
    limit + 1,
  )
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`, also for an area that is no grid. */
export async function getGridTeam(ctx: Context, id: string): Promise<GridTeamRow> {
  permit(ctx, 'grid_team.read')
  return found((await teams(ctx, eq(areas.id, id), 1))[0], 'grid')
}

async function teams(ctx: Context, where: SQL | undefined, limit: number): Promise<GridTeamRow[]> {
  const grids = await query(ctx)
    .select({ id: areas.id, code: areas.code, name: areas.name })
    .from(areas)
    .where(and(eq(areas.kind, 'grid'), where))
    .orderBy(asc(areas.id))
    .limit(limit)
  const ids = grids.map(({ id }) => id)
  const rows = await query(ctx).select().from(gridPosts).where(inArray(gridPosts.areaId, ids))
  const byPost = new Map(rows.map((row) => [`${row.areaId} ${row.post}`, row]))
  return grids.map((grid) => ({
    ...grid,
    posts: GridPost.options.map((post) => {
      const row = byPost.get(`${grid.id} ${post}`)
      return { post, state: row?.state ?? 'vacant', changedAt: row?.changedAt ?? null }
    }),
  }))
}
