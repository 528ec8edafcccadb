import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { permit } from '../identity/permissions.ts'
import { lockWebhook } from './get-webhook.ts'
import { type DeliveryRow, readDelivery } from './list-webhook-deliveries.ts'
import { queueDeliveries } from './queue-deliveries.ts'
import { requireEnabled } from './require-enabled.ts'

/**
 * Sends a `webhook.test` event to one webhook, whatever types it asked for, and to nobody else.
 * @throws Refusal `not_found`, `state_conflict` while it is disabled.
 */
export async function testWebhook(ctx: Context, id: string): Promise<DeliveryRow> {
  permit(ctx, 'webhook.replay')
  return inTransaction(ctx, async (ctx) => {
    requireEnabled(await lockWebhook(ctx, id))
    const [eventId] = await emitAll(ctx, 'webhook.test', [{ objectId: id, audience: null }])
    const [deliveryId] = await queueDeliveries(ctx, [{ webhookId: id, eventId: eventId! }])
    await record(ctx, 'webhook.test', id)
    return readDelivery(ctx, deliveryId!)
  })
}
