import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { mayLocate } from './confidential.ts'
import type { LocationsQuery } from './location-schemas.ts'
import { ownRows } from './own-rows.ts'
import { locations } from './tables.ts'

type LocationRow = typeof locations.$inferSelect

/** A location as its reader may see it. */
export type LocationView = Omit<LocationRow, 'address'> & { address: string | null }

/** Locations in order of registration; a provider sees its own. */
export async function listLocations(ctx: Context, filter: LocationsQuery): Promise<Page<LocationView>> {
  permit(ctx, 'location.read')
  const { limit, cursor, organizationId, areaId } = filter
  const areaIds = areaId ? await areaSubtree(ctx, areaId) : null
  const rows = await query(ctx)
    .select()
    .from(locations)
    .where(
      and(
        ownRows(ctx, locations.organizationId),
        cursor ? gt(locations.id, cursor) : undefined,
        organizationId ? eq(locations.organizationId, organizationId) : undefined,
        areaIds ? inArray(locations.areaId, areaIds) : undefined,
      ),
    )
    .orderBy(asc(locations.id))
    .limit(limit + 1)
  return toPage(
    rows.map((row) => redact(ctx, row)),
    limit,
  )
}

/** @throws Refusal `not_found`, also for a provider that asks for another's. */
export async function getLocation(ctx: Context, id: string): Promise<LocationView> {
  permit(ctx, 'location.read')
  const [row] = await query(ctx)
    .select()
    .from(locations)
    .where(and(eq(locations.id, id), ownRows(ctx, locations.organizationId)))
  return redact(ctx, found(row, 'location'))
}

/** The source reference goes too: in some directories it is the address. */
function redact(ctx: Context, row: LocationRow): LocationView {
  if (mayLocate(ctx.actor, row)) return row
  return { ...row, address: null, latitude: null, longitude: null, sourceRef: null }
}
