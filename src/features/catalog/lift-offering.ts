import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { reinstateOfferings } from './reinstate-offerings.ts'
import { offerings, suspendedOfferings } from './tables.ts'

/**
 * Lets one offering back, unless its provider is suspended too. Asks for no permission of its own.
 * @throws Refusal `not_found`, `state_conflict` when it is not suspended itself.
 */
export async function liftOffering(ctx: TransactionContext, offeringId: string): Promise<number> {
  const [row] = await ctx.tx.select().from(offerings).where(eq(offerings.id, offeringId)).for('update')
  const offering = found(row, 'offering')
  const lifted = await ctx.tx
    .delete(suspendedOfferings)
    .where(eq(suspendedOfferings.offeringId, offeringId))
    .returning()
  if (lifted.length === 0) throw new Refusal('state_conflict', 'The offering is not suspended itself.')
  await record(ctx, 'offering.lift', offeringId)
  return reinstateOfferings(ctx, [offering])
}
