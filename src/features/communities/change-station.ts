import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { StationRow } from './create-station.ts'
import { refuseBeyond, requireReach } from './require-reach.ts'
import { ChangeStation } from './station-schemas.ts'
import { communityGroups, stations } from './tables.ts'

/**
 * Changes what a station is; its location stays.
 * @throws Refusal `not_found` beyond reach, `precondition_failed`, `state_conflict` where communities share it and it
 *   would no longer be regional.
 */
export async function changeStation(
  ctx: Context,
  { id, expectedVersion, ...input }: ChangeStation & { id: string; expectedVersion: number },
): Promise<StationRow> {
  permit(ctx, 'station.change')
  const wanted = parseInput(ChangeStation, input)
  return inTransaction(ctx, async (ctx) => {
    const [locked] = await ctx.tx.select().from(stations).where(eq(stations.id, id)).for('update')
    const station = found(locked, 'station')
    await refuseBeyond(ctx, [station.areaId], 'station')
    requireVersion(station, expectedVersion)
    await requireReach(ctx, [{ id: wanted.areaId, path: ['areaId'] }])
    const sharing = await ctx.tx.select().from(communityGroups).where(eq(communityGroups.stationId, id))
    if (wanted.level !== 'regional' && sharing.length > 0) {
      throw new Refusal('state_conflict', 'Communities share this station: it stays regional.')
    }
    const [row] = await ctx.tx
      .update(stations)
      .set({ ...wanted, version: sql`${stations.version} + 1` })
      .where(eq(stations.id, id))
      .returning()
    await record(ctx, 'station.change', id, { ...wanted })
    await emit(ctx, 'station.changed', id, null, { areaId: wanted.areaId, level: wanted.level })
    return row!
  })
}
