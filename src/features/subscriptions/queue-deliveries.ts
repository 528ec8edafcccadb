import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { webhookDeliveries } from './tables.ts'

/** Puts events on their way to webhooks, due at once. The ids of the deliveries, in the same order. */
export async function queueDeliveries(
  ctx: TransactionContext,
  wanted: readonly { webhookId: string; eventId: string }[],
): Promise<string[]> {
  const now = ctx.clock()
  const rows = wanted.map(({ webhookId, eventId }) => ({
    id: ctx.newId(),
    webhookId,
    eventId,
    state: 'pending' as const,
    nextAttemptAt: now,
    createdAt: now,
  }))
  for (const chunk of chunks(rows)) await ctx.tx.insert(webhookDeliveries).values(chunk)
  return rows.map(({ id }) => id)
}
