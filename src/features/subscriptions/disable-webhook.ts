import { and, eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { endPending } from './end-pending.ts'
import type { DisabledReason } from './schemas.ts'
import { webhooks } from './tables.ts'

/** Stops telling a receiver that is gone; its organization can see why, and enable it again. */
export async function disableWebhook(
  ctx: TransactionContext,
  id: string,
  reason: DisabledReason,
): Promise<void> {
  const [row] = await ctx.tx
    .update(webhooks)
    .set({ state: 'disabled', disabledReason: reason, version: sql`${webhooks.version} + 1` })
    .where(and(eq(webhooks.id, id), eq(webhooks.state, 'enabled')))
    .returning()
  if (!row) return
  await endPending(ctx, id)
  await record(ctx, 'webhook.disable', id, { reason })
  await emit(ctx, 'webhook.disabled', id, row.organizationId, { reason })
}
