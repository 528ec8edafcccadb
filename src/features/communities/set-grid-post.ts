import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { type GridTeamRow, getGridTeam } from './list-grid-teams.ts'
import { refuseBeyond } from './require-reach.ts'
import { SetGridPost } from './station-schemas.ts'
import { areas, gridPosts } from './tables.ts'

/**
 * Says that one of a grid's five posts is filled, or vacant. No If-Match: the fact is absolute, and saying it twice
 * changes nothing, not even the time of the change. Who fills a post is nobody's business here.
 * @throws Refusal `not_found` where there is no such grid within the actor's reach.
 */
export async function setGridPost(
  ctx: Context,
  { gridId, post, ...input }: SetGridPost,
): Promise<GridTeamRow> {
  permit(ctx, 'grid_post.set')
  const { state } = parseInput(SetGridPost, input)
  return inTransaction(ctx, async (ctx) => {
    // Locked: two changes of one team come one after the other.
    const [locked] = await ctx.tx
      .select()
      .from(areas)
      .where(and(eq(areas.id, gridId), eq(areas.kind, 'grid')))
      .for('update')
    const grid = found(locked, 'grid')
    await refuseBeyond(ctx, [grid.id], 'grid')
    const team = await getGridTeam(ctx, gridId)
    if (team.posts.find((one) => one.post === post)!.state === state) return team
    const changedAt = ctx.clock()
    await ctx.tx
      .insert(gridPosts)
      .values({ areaId: gridId, post, state, changedAt })
      .onConflictDoUpdate({ target: [gridPosts.areaId, gridPosts.post], set: { state, changedAt } })
    await record(ctx, 'grid_post.set', gridId, { post, state })
    await emit(ctx, 'grid_post.set', gridId, null, { post, state })
    return getGridTeam(ctx, gridId)
  })
}
