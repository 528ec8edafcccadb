import { and, eq } from 'drizzle-orm'
import { type Context, query, systemClock } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { events } from '../../platform/events/tables.ts'
import { safeOpen } from '../../platform/http/safe-fetch.ts'
import { releaseDelivery } from './claim-deliveries.ts'
import type { WebhookRow } from './get-webhook.ts'
import { retryAfterMs } from './retry-schedule.ts'
import { type Outcome, settleDelivery } from './settle-delivery.ts'
import { messageOf, signedHeaders } from './signed-message.ts'
import { webhookDeliveries, webhooks } from './tables.ts'
import { createSecretSeal } from './webhook-secret.ts'

const PATIENCE_MS = 15_000

/**
 * Makes one try of a delivery that this process has claimed, and writes what came of it. Sent at least once: a process
 * that is killed between the answer and the writing of it sends again, under the same `webhook-id`. Messages may
 * arrive in another order than the events happened.
 */
export async function deliverEvent(ctx: Context, deliveryId: string, signal?: AbortSignal): Promise<void> {
  const [row] = await query(ctx)
    .select({ delivery: webhookDeliveries, webhook: webhooks, event: events })
    .from(webhookDeliveries)
    .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
    .innerJoin(events, eq(events.id, webhookDeliveries.eventId))
    .where(and(eq(webhookDeliveries.id, deliveryId), eq(webhookDeliveries.state, 'pending')))
  if (!row) return
  const body = messageOf(row.event)
  const at = systemClock()
  const headers = signedHeaders(row.event.id, body, { secrets: secretsOf(ctx, row.webhook), at })
  const outcome = await send(ctx, row.webhook.url, { body, headers, ...(signal ? { signal } : {}) })
  if (signal?.aborted && outcome.status === null) return releaseDelivery(ctx, deliveryId)
  await settleDelivery(ctx, row.delivery, outcome)
}

/** Those that sign now, the newest first. */
function secretsOf(ctx: Context, webhook: WebhookRow): string[] {
  const { id, secretSealed, previousSecretSealed, previousUntil } = webhook
  const seal = createSecretSeal(ctx.encryptionKey)
  const isOverlapping = previousSecretSealed && previousUntil && ctx.clock() < previousUntil
  return [secretSealed, ...(isOverlapping ? [previousSecretSealed] : [])].map((sealed) =>
    seal.open(id, sealed),
  )
}

/** The answer's head is enough: nobody reads, or keeps, what a receiver says beyond it. */
async function send(
  ctx: Context,
  url: string,
  message: { body: string; headers: Record<string, string>; signal?: AbortSignal },
): Promise<Outcome> {
  try {
    const answer = await safeOpen(url, {
      ...message,
      method: 'POST',
      maxRedirects: 0,
      allowPrivate: ctx.allowPrivateUrls,
      timeoutMs: PATIENCE_MS,
      totalTimeoutMs: PATIENCE_MS,
    })
    await answer.body.return(undefined)
    const { status, headers } = answer
    return { status, error: null, retryAfterMs: retryAfterMs(headers['retry-after'], ctx.clock()) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: null, error: error.message, retryAfterMs: null }
  }
}
