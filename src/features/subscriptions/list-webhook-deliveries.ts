import { and, desc, eq, lt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { events } from '../../platform/events/tables.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { getWebhook } from './get-webhook.ts'
import type { DeliveriesQuery } from './schemas.ts'
import { webhookDeliveries } from './tables.ts'

export type DeliveryRow = typeof webhookDeliveries.$inferSelect & { type: string }

/**
 * What was sent, or is to be sent, to a webhook, the newest first. Dead letters are those of state `dead`.
 * @throws Refusal `not_found` for a webhook of others.
 */
export async function listWebhookDeliveries(
  ctx: Context,
  { id, limit, cursor, state }: DeliveriesQuery & { id: string },
): Promise<Page<DeliveryRow>> {
  await getWebhook(ctx, id)
  const rows = await selectDeliveries(ctx)
    .where(
      and(
        eq(webhookDeliveries.webhookId, id),
        state ? eq(webhookDeliveries.state, state) : undefined,
        cursor ? lt(webhookDeliveries.id, cursor) : undefined,
      ),
    )
    .orderBy(desc(webhookDeliveries.id))
    .limit(limit + 1)
  return toPage(rows.map(flat), limit)
}

/** One delivery, whosever it is. */
export async function readDelivery(ctx: Context, id: string): Promise<DeliveryRow> {
  const [row] = await selectDeliveries(ctx).where(eq(webhookDeliveries.id, id))
  return flat(row!)
}

function selectDeliveries(ctx: Context) {
  return query(ctx)
    .select({ delivery: webhookDeliveries, type: events.type })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.id, webhookDeliveries.eventId))
}

function flat({
  delivery,
  type,
}: {
  delivery: typeof webhookDeliveries.$inferSelect
  type: string
}): DeliveryRow {
  return { ...delivery, type }
}
