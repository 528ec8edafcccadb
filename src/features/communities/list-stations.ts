import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { areaSubtree } from './area-subtree.ts'
import type { StationRow } from './create-station.ts'
import type { StationsQuery } from './station-schemas.ts'
import { stations } from './tables.ts'

/** Stations in order of creation. */
export async function listStations(
  ctx: Context,
  { limit, cursor, areaId, level }: StationsQuery,
): Promise<Page<StationRow>> {
  permit(ctx, 'station.read')
  const rows = await query(ctx)
    .select()
    .from(stations)
    .where(
      and(
        cursor ? gt(stations.id, cursor) : undefined,
        areaId ? inArray(stations.areaId, await areaSubtree(ctx, areaId)) : undefined,
        level ? eq(stations.level, level) : undefined,
      ),
    )
    .orderBy(asc(stations.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`. */
export async function getStation(ctx: Context, id: string): Promise<StationRow> {
  permit(ctx, 'station.read')
  const [row] = await query(ctx).select().from(stations).where(eq(stations.id, id))
  return found(row, 'station')
}
