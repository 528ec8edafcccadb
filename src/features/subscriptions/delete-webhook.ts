import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { permit } from '../identity/permissions.ts'
import { lockWebhook } from './get-webhook.ts'
import { webhooks } from './tables.ts'

/** Ends a webhook with all its deliveries. @throws Refusal `not_found`. */
export async function deleteWebhook(ctx: Context, id: string): Promise<void> {
  permit(ctx, 'webhook.delete')
  await inTransaction(ctx, async (ctx) => {
    const { organizationId } = await lockWebhook(ctx, id)
    await ctx.tx.delete(webhooks).where(eq(webhooks.id, id))
    await record(ctx, 'webhook.delete', id)
    await emit(ctx, 'webhook.deleted', id, organizationId)
  })
}
