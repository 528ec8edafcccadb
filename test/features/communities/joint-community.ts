/** A station that two communities share, and a grid in one of them: what a test that reads everything needs to find. */
import { createArea } from '../../../src/features/communities/create-area.ts'
import { createCommunityGroup } from '../../../src/features/communities/create-community-group.ts'
import { createStation } from '../../../src/features/communities/create-station.ts'
import type { TransactionContext } from '../../../src/platform/context.ts'

export async function foundJointCommunity(
  ctx: TransactionContext,
  [areaId, other]: [string, string],
): Promise<{ station: string; communityGroup: string; grid: string }> {
  const { id: grid } = await createArea(ctx, { kind: 'grid', code: 'G', name: 'Grid', parentId: areaId })
  const place = { locationId: ctx.newId(), areaId }
  const { id: station } = await createStation(ctx, { ...place, level: 'regional', name: 'Center' })
  const members = [
    { areaId, share: 4000 },
    { areaId: other, share: 6000 },
  ]
  const group = await createCommunityGroup(ctx, { name: 'Both', stationId: station, members })
  return { station, communityGroup: group.id, grid }
}
