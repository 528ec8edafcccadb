import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { reinstateOfferings } from './reinstate-offerings.ts'
import { lockProvider } from './suspended-among.ts'
import { offerings, suspendedProviders } from './tables.ts'

/**
 * Lets a provider's offerings back, save those that are suspended themselves. Asks for no permission of its own.
 * @returns how many are published again.
 * @throws Refusal `state_conflict` when the provider is not suspended.
 */
export async function liftProvider(ctx: TransactionContext, organizationId: string): Promise<number> {
  await lockProvider(ctx, organizationId)
  const lifted = await ctx.tx
    .delete(suspendedProviders)
    .where(eq(suspendedProviders.organizationId, organizationId))
    .returning()
  if (lifted.length === 0) throw new Refusal('state_conflict', 'The provider is not suspended.')
  const own = await ctx.tx
    .select({ id: offerings.id, organizationId: offerings.organizationId })
    .from(offerings)
    .where(eq(offerings.organizationId, organizationId))
  const reinstated = await reinstateOfferings(ctx, own)
  await record(ctx, 'provider.lift', organizationId, { offerings: reinstated })
  return reinstated
}
