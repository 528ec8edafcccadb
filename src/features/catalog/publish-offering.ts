import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { permit } from '../identity/permissions.ts'
import { namedAreas } from './apply-revision.ts'
import { getOffering, type OfferingDetail } from './get-offering.ts'
import { offeringValues } from './offering-values.ts'
import { openCapacities } from './open-capacities.ts'
import { ownRows } from './own-rows.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { reuseService } from './reuse-service.ts'
import { PublishOffering } from './schemas.ts'
import { suspendedAmong } from './suspended-among.ts'
import { locations, offerings } from './tables.ts'

/**
 * Publishes a service of the actor's organization at one of its locations, with what capacity it has at first.
 * A service of the same category, term and name is used again.
 * @throws Refusal `not_found` for a foreign location, `invalid_input` for an unknown area or a past month.
 */
export async function publishOffering(ctx: Context, input: PublishOffering): Promise<OfferingDetail> {
  permit(ctx, 'offering.publish')
  const { name, category, term, capacities, ...wanted } = parseInput(PublishOffering, input)
  capacities.forEach(({ period }, at) => {
    refusePast(period, ctx.clock(), `/capacities/${at}/period`)
  })
  return inTransaction(ctx, async (ctx) => {
    const organizationId = await organizationOf(ctx, wanted.locationId)
    await requireAreas(ctx, namedAreas(wanted.serviceAreaIds))
    const serviceId = await reuseService(ctx, { organizationId, name, category, term })
    const id = ctx.newId()
    const state = (await suspendedAmong(ctx, [{ id, organizationId }])).has(id) ? 'suspended' : 'published'
    const [row] = await ctx.tx
      .insert(offerings)
      .values({
        id,
        serviceId,
        organizationId,
        ...offeringValues(ctx, wanted),
        currency: ctx.currency,
        state,
        createdAt: ctx.clock(),
      })
      .returning()
    const offeringId = row!.id
    await openCapacities(ctx, [{ offeringId, unit: wanted.unit, capacities }])
    await publishToDirectory(ctx, { offeringIds: [offeringId] })
    await record(ctx, 'offering.publish', offeringId, { serviceId, price: wanted.price, capacities })
    await emit(ctx, `offering.${state}`, offeringId, organizationId, { category, term, tier: wanted.tier })
    return getOffering(ctx, offeringId)
  })
}

async function organizationOf(ctx: TransactionContext, locationId: string): Promise<string> {
  const [location] = await ctx.tx
    .select()
    .from(locations)
    .where(and(eq(locations.id, locationId), ownRows(ctx, locations.organizationId)))
  return found(location, 'location').organizationId
}
