import { eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { mayLocate } from './confidential.ts'
import { locations, offerings } from './tables.ts'

/**
 * Those of these offerings whose way the actor must not be told, in minutes or in what is reckoned from them: people
 * walk it, and one end of it is a confidential place.
 */
export async function withheldWays(
  ctx: Context,
  offeringIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (offeringIds.length === 0) return new Set()
  const rows = await query(ctx)
    .select({
      id: offerings.id,
      mode: offerings.mode,
      serviceAreaIds: offerings.serviceAreaIds,
      organizationId: locations.organizationId,
      visibility: locations.visibility,
      addressOf: locations.addressOf,
    })
    .from(offerings)
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(inArray(offerings.id, [...offeringIds]))
  const withheld = rows.filter(
    ({ mode, serviceAreaIds, ...place }) =>
      mode !== 'remote' && serviceAreaIds.length === 0 && !mayLocate(ctx.actor, place),
  )
  return new Set(withheld.map(({ id }) => id))
}
