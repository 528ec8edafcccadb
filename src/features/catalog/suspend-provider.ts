import { and, eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { withholdPlaces } from '../directory/withhold-places.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { lockProvider } from './suspended-among.ts'
import { offerings, suspendedProviders } from './tables.ts'

/**
 * Takes all that a provider offers out of matching, search, directory and new bookings; what is promised already stays
 * promised. What it publishes meanwhile is suspended from the start. Asks for no permission of its own: the verb that
 * calls it does.
 * @returns the ids of the offerings that are out.
 * @throws Refusal `state_conflict` when the provider is suspended already.
 */
export async function suspendProvider(ctx: TransactionContext, organizationId: string): Promise<string[]> {
  await lockProvider(ctx, organizationId)
  const [row] = await ctx.tx
    .insert(suspendedProviders)
    .values({ organizationId, since: ctx.clock() })
    .onConflictDoNothing()
    .returning()
  if (!row) throw new Refusal('state_conflict', 'The provider is suspended already.')
  const suspended = await ctx.tx
    .update(offerings)
    .set({ state: 'suspended', version: sql`${offerings.version} + 1` })
    .where(and(eq(offerings.organizationId, organizationId), eq(offerings.state, 'published')))
    .returning({ id: offerings.id })
  const offeringIds = suspended.map(({ id }) => id).sort()
  await publishToDirectory(ctx, { offeringIds })
  await withholdPlaces(ctx, offeringIds)
  await record(ctx, 'provider.suspend', organizationId, { offerings: offeringIds.length })
  const happened = offeringIds.map((objectId) => ({ objectId, audience: organizationId }))
  await emitAll(ctx, 'offering.suspended', happened)
  return offeringIds
}
