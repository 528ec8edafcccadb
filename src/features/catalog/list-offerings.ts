import { and, asc, eq, getTableColumns, gt, inArray, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { ownRows } from './own-rows.ts'
import type { OfferingsQuery } from './schemas.ts'
import { locations, offerings, services } from './tables.ts'

/** An offering with what its service says of it. */
export type OfferingDetail = typeof offerings.$inferSelect &
  Pick<typeof services.$inferSelect, 'name' | 'category' | 'term'>

/** Offerings in order of publication; a provider sees its own. */
export async function listOfferings(ctx: Context, filter: OfferingsQuery): Promise<Page<OfferingDetail>> {
  permit(ctx, 'offering.read')
  const { limit, cursor, category, term, mode, state, organizationId, areaId } = filter
  const areaIds = areaId ? await areaSubtree(ctx, areaId) : null
  const rows = await select(
    ctx,
    and(
      ownRows(ctx, offerings.organizationId),
      cursor ? gt(offerings.id, cursor) : undefined,
      category ? eq(services.category, category) : undefined,
      term ? eq(services.term, term) : undefined,
      mode ? eq(offerings.mode, mode) : undefined,
      state ? eq(offerings.state, state) : undefined,
      organizationId ? eq(offerings.organizationId, organizationId) : undefined,
      areaIds ? inArray(locations.areaId, areaIds) : undefined,
    ),
  )
    .orderBy(asc(offerings.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`, also for a provider that asks for another's. */
export async function getOffering(ctx: Context, id: string): Promise<OfferingDetail> {
  permit(ctx, 'offering.read')
  const [row] = await select(ctx, and(eq(offerings.id, id), ownRows(ctx, offerings.organizationId)))
  return found(row, 'offering')
}

function select(ctx: Context, where: SQL | undefined) {
  const { name, category, term } = services
  return query(ctx)
    .select({ ...getTableColumns(offerings), name, category, term })
    .from(offerings)
    .innerJoin(services, eq(services.id, offerings.serviceId))
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(where)
}
