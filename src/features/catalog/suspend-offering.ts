import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { withholdPlaces } from '../directory/withhold-places.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { offerings, suspendedOfferings } from './tables.ts'

/**
 * Takes one offering out of matching, search, directory and new bookings, as `suspendProvider` does with all.
 * @throws Refusal `not_found`, `state_conflict` when it is suspended already or withdrawn.
 */
export async function suspendOffering(ctx: TransactionContext, offeringId: string): Promise<void> {
  const [row] = await ctx.tx.select().from(offerings).where(eq(offerings.id, offeringId)).for('update')
  const { state, organizationId } = found(row, 'offering')
  if (state === 'withdrawn') throw new Refusal('state_conflict', 'The offering is withdrawn.')
  const [written] = await ctx.tx
    .insert(suspendedOfferings)
    .values({ offeringId, since: ctx.clock() })
    .onConflictDoNothing()
    .returning()
  if (!written) throw new Refusal('state_conflict', 'The offering is suspended already.')
  await record(ctx, 'offering.suspend', offeringId)
  // With its provider it may be out already.
  if (state === 'suspended') return
  await ctx.tx
    .update(offerings)
    .set({ state: 'suspended', version: sql`${offerings.version} + 1` })
    .where(eq(offerings.id, offeringId))
  await publishToDirectory(ctx, { offeringIds: [offeringId] })
  await withholdPlaces(ctx, [offeringId])
  await emit(ctx, 'offering.suspended', offeringId, organizationId)
}
