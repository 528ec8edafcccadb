import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { areaSubtree } from './area-subtree.ts'
import type { CommunityGroupsQuery } from './station-schemas.ts'
import { communityGroups, stationShares } from './tables.ts'

type Member = Omit<typeof stationShares.$inferSelect, 'groupId'>

/** A joint community with its members' shares, in order of their areas' creation. */
export type CommunityGroupRow = typeof communityGroups.$inferSelect & { members: Member[] }

/** Joint communities in order of creation. */
export async function listCommunityGroups(
  ctx: Context,
  { limit, cursor, areaId, stationId }: CommunityGroupsQuery,
): Promise<Page<CommunityGroupRow>> {
  permit(ctx, 'community_group.read')
  const rows = await query(ctx)
    .select()
    .from(communityGroups)
    .where(
      and(
        cursor ? gt(communityGroups.id, cursor) : undefined,
        stationId ? eq(communityGroups.stationId, stationId) : undefined,
        areaId ? inArray(communityGroups.id, await groupsIn(ctx, areaId)) : undefined,
      ),
    )
    .orderBy(asc(communityGroups.id))
    .limit(limit + 1)
  return toPage(await withMembers(ctx, rows), limit)
}

/** @throws Refusal `not_found`. */
export async function getCommunityGroup(ctx: Context, id: string): Promise<CommunityGroupRow> {
  permit(ctx, 'community_group.read')
  const rows = await query(ctx).select().from(communityGroups).where(eq(communityGroups.id, id))
  return found((await withMembers(ctx, rows))[0], 'community group')
}

async function groupsIn(ctx: Context, areaId: string): Promise<string[]> {
  const rows = await query(ctx)
    .selectDistinct({ id: stationShares.groupId })
    .from(stationShares)
    .where(inArray(stationShares.areaId, await areaSubtree(ctx, areaId)))
  return rows.map(({ id }) => id)
}

async function withMembers(
  ctx: Context,
  rows: readonly (typeof communityGroups.$inferSelect)[],
): Promise<CommunityGroupRow[]> {
  const ids = rows.map(({ id }) => id)
  const shares = await query(ctx)
    .select()
    .from(stationShares)
    .where(inArray(stationShares.groupId, ids))
    .orderBy(asc(stationShares.areaId))
  const byGroup = new Map<string, Member[]>(ids.map((id) => [id, []]))
  for (const { groupId, ...member } of shares) byGroup.get(groupId)!.push(member)
  return rows.map((row) => ({ ...row, members: byGroup.get(row.id)! }))
}
