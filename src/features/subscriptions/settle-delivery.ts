import { and, eq, gt, sql } from 'drizzle-orm'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { events } from '../../platform/events/tables.ts'
import { disableWebhook } from './disable-webhook.ts'
import { nextTry } from './retry-schedule.ts'
import { webhookDeliveries, webhooks } from './tables.ts'

/** What came of one try. */
export interface Outcome {
  /** HTTP status of the answer; null where there was none. */
  status: number | null
  /** A sentence about why there was no answer. */
  error: string | null
  /** What the answer asked to wait. */
  retryAfterMs: number | null
}

type Delivery = typeof webhookDeliveries.$inferSelect

/** Deaths in a row after which a receiver is taken to be gone for good, where nothing reached it for so long. */
const DEATHS = 5
const SILENCE_MS = 5 * 24 * 60 * 60_000

const GONE = 410
const LONGEST_ERROR = 500

/**
 * Writes what came of a try: delivered, to be tried again, or dead. A receiver that says it is gone, or that nothing
 * has reached for five days while five events or more died, has its webhook disabled.
 */
export async function settleDelivery(ctx: Context, tried: Delivery, outcome: Outcome): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    const [delivery] = await ctx.tx
      .select()
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.id, tried.id), eq(webhookDeliveries.state, 'pending')))
      .for('update')
    // Somebody else has made this try meanwhile, or the webhook was disabled.
    if (!delivery || delivery.attempts !== tried.attempts) return
    const settled = settle(delivery, outcome, ctx.clock())
    await ctx.tx.update(webhookDeliveries).set(settled).where(eq(webhookDeliveries.id, delivery.id))
    if (settled.state !== 'dead') return
    if (outcome.status === GONE) await disableWebhook(ctx, delivery.webhookId, 'gone')
    else if (await isFailing(ctx, delivery.webhookId))
      await disableWebhook(ctx, delivery.webhookId, 'failing')
  })
}

function settle({ attempts: before }: Delivery, { status, error, retryAfterMs }: Outcome, now: Date) {
  const attempts = before + 1
  const tried = { attempts, lastStatus: status }
  if (status !== null && status >= 200 && status < 300) {
    return { ...tried, state: 'delivered' as const, deliveredAt: now, nextAttemptAt: null, lastError: null }
  }
  const nextAttemptAt = status === GONE ? null : nextTry(attempts, now, retryAfterMs)
  const lastError = (error ?? `The receiver answered ${status}.`).slice(0, LONGEST_ERROR)
  return {
    ...tried,
    state: nextAttemptAt ? ('pending' as const) : ('dead' as const),
    nextAttemptAt,
    lastError,
  }
}

/** Counts what happened since the webhook was last enabled, and since something last reached the receiver. */
async function isFailing(ctx: TransactionContext, webhookId: string): Promise<boolean> {
  const [last] = await ctx.tx
    .select({ at: sql<string | null>`max(${webhookDeliveries.deliveredAt})::text` })
    .from(webhookDeliveries)
    .where(eq(webhookDeliveries.webhookId, webhookId))
  const [dead] = await ctx.tx
    .select({
      count: sql<number>`count(*)::int`,
      silent: sql<boolean>`min(${webhookDeliveries.createdAt}) <= ${new Date(ctx.clock().getTime() - SILENCE_MS).toISOString()}::timestamptz`,
    })
    .from(webhookDeliveries)
    .innerJoin(events, eq(events.id, webhookDeliveries.eventId))
    .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhookId))
    .where(
      and(
        eq(webhookDeliveries.webhookId, webhookId),
        eq(webhookDeliveries.state, 'dead'),
        gt(events.position, webhooks.afterPosition),
        last?.at ? sql`${webhookDeliveries.createdAt} > ${last.at}::timestamptz` : undefined,
      ),
    )
  return dead!.count >= DEATHS && dead!.silent
}
