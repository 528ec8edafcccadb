import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { requireSharing } from './create-community-group.ts'
import { type CommunityGroupRow, getCommunityGroup } from './list-community-groups.ts'
import { refuseBeyond } from './require-reach.ts'
import { ChangeCommunityGroup } from './station-schemas.ts'
import { communityGroups, stationShares } from './tables.ts'

/**
 * Replaces a joint community's name, station, members and shares.
 * @throws Refusal `not_found` where a member of it is beyond the actor's reach, `precondition_failed`, and what
 *   `createCommunityGroup` throws.
 */
export async function changeCommunityGroup(
  ctx: Context,
  { id, expectedVersion, ...input }: ChangeCommunityGroup & { id: string; expectedVersion: number },
): Promise<CommunityGroupRow> {
  permit(ctx, 'community_group.change')
  const { members, ...wanted } = parseInput(ChangeCommunityGroup, input)
  return inTransaction(ctx, async (ctx) => {
    const [locked] = await ctx.tx
      .select()
      .from(communityGroups)
      .where(eq(communityGroups.id, id))
      .for('update')
    const group = found(locked, 'community group')
    const before = await ctx.tx.select().from(stationShares).where(eq(stationShares.groupId, id))
    const areaIds = before.map(({ areaId }) => areaId)
    await refuseBeyond(ctx, areaIds, 'community group')
    requireVersion(group, expectedVersion)
    await requireSharing(ctx, wanted.stationId, members)
    await ctx.tx
      .update(communityGroups)
      .set({ ...wanted, version: sql`${communityGroups.version} + 1` })
      .where(eq(communityGroups.id, id))
    await ctx.tx.delete(stationShares).where(eq(stationShares.groupId, id))
    await ctx.tx.insert(stationShares).values(members.map((member) => ({ groupId: id, ...member })))
    await record(ctx, 'community_group.change', id, { stationId: wanted.stationId, members })
    await emit(ctx, 'community_group.changed', id, null, { stationId: wanted.stationId })
    return getCommunityGroup(ctx, id)
  })
}
