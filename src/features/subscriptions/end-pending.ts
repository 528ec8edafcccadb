import { and, eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { webhookDeliveries } from './tables.ts'

/** Gives up what is on its way to a webhook that has been disabled; it can be replayed. */
export async function endPending(ctx: TransactionContext, webhookId: string): Promise<void> {
  await ctx.tx
    .update(webhookDeliveries)
    .set({ state: 'dead', nextAttemptAt: null, lastError: 'The webhook was disabled.' })
    .where(and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.state, 'pending')))
}
