import { and, eq, inArray } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { type CommunityGroupRow, getCommunityGroup } from './list-community-groups.ts'
import { requireReach } from './require-reach.ts'
import { CreateCommunityGroup } from './station-schemas.ts'
import { areas, communityGroups, stationShares, stations } from './tables.ts'

/**
 * Joins communities that share a regional station, with the share of each.
 * @throws Refusal `invalid_input` where the shares don't add up to 10,000, a member is beyond reach or no community,
 *   or the station is no regional one; `duplicate` where another group has the station.
 */
export async function createCommunityGroup(
  ctx: Context,
  input: CreateCommunityGroup,
): Promise<CommunityGroupRow> {
  permit(ctx, 'community_group.create')
  const { members, ...wanted } = parseInput(CreateCommunityGroup, input)
  return inTransaction(ctx, async (ctx) => {
    await requireSharing(ctx, wanted.stationId, members)
    const id = ctx.newId()
    await ctx.tx.insert(communityGroups).values({ id, ...wanted, createdAt: ctx.clock() })
    await ctx.tx.insert(stationShares).values(members.map((member) => ({ groupId: id, ...member })))
    await record(ctx, 'community_group.create', id, { stationId: wanted.stationId, members })
    await emit(ctx, 'community_group.created', id, null, { stationId: wanted.stationId })
    return getCommunityGroup(ctx, id)
  })
}

/** Makes sure that a group may be what the input says: members that are communities, and a regional station. */
export async function requireSharing(
  ctx: TransactionContext,
  stationId: string,
  members: readonly { areaId: string }[],
): Promise<void> {
  const named = members.map(({ areaId }, at) => ({ id: areaId, path: ['members', at, 'areaId'] }))
  await requireReach(ctx, named)
  const communities = await ctx.tx
    .select({ id: areas.id })
    .from(areas)
    .where(
      and(
        eq(areas.kind, 'community'),
        inArray(
          areas.id,
          named.map(({ id }) => id),
        ),
      ),
    )
  const known = new Set(communities.map(({ id }) => id))
  const others = named.filter(({ id }) => !known.has(id))
  if (others.length > 0) {
    throw invalidInput(others.map(({ path }) => ({ path, message: 'the area is no community' })))
  }
  // Locked, so that it does not lose its level while the group is written.
  const [station] = await ctx.tx.select().from(stations).where(eq(stations.id, stationId)).for('update')
  if (station?.level === 'regional') return
  const message = station ? 'is no regional station' : 'there is no such station'
  throw invalidInput([{ path: ['stationId'], message }])
}
