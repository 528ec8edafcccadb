import type { TransactionContext } from '../context.ts'
import { events } from './tables.ts'

/**
 * Says what happened, in the transaction that made it happen.
 *
 * @param organizationId whom it concerns; null = nobody in particular.
 * @param data identifiers, states and amounts; what a webhook may carry.
 */
export async function emit(
  ctx: TransactionContext,
  type: string,
  objectId: string,
  organizationId: string | null,
  data: Record<string, unknown> = {},
): Promise<void> {
  await ctx.tx
    .insert(events)
    .values({ id: ctx.newId(), at: ctx.clock(), type, objectId, organizationId, data })
}
