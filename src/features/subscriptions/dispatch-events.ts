import { eq } from 'drizzle-orm'
import { type Context, inTransaction, query, type TransactionContext } from '../../platform/context.ts'
import { lockReader, moveReader, peekReader } from '../../platform/events/event-reader.ts'
import { newestPosition, type ReadEvent, readEventPage } from '../../platform/events/read-event-page.ts'
import { matchesTypes } from './event-filter.ts'
import { READER } from './listen-from-now.ts'
import { queueDeliveries } from './queue-deliveries.ts'
import { webhooks } from './tables.ts'

const PAGE = 500

/**
 * Puts what has happened on its way to the webhooks that it concerns. The deliveries are written in the transaction
 * that moves the reader: each event goes to each webhook once, whatever process does it and wherever it is stopped.
 * @returns whether there may be more to do at once.
 */
export async function dispatchEvents(ctx: Context): Promise<boolean> {
  if (!(await isBehind(ctx))) return false
  return inTransaction(ctx, async (ctx) => {
    const seen = await lockReader(ctx.tx, READER)
    if (!seen) return false
    const listening = await lockListening(ctx)
    const page = await readEventPage(ctx.tx, seen, PAGE)
    await queueDeliveries(
      ctx,
      listening.flatMap((webhook) =>
        page.events
          .filter((event) => concerns(webhook, event))
          .map(({ id: eventId }) => ({ webhookId: webhook.id, eventId })),
      ),
    )
    await moveReader(ctx.tx, READER, page.seen)
    return page.more
  })
}

/** Two small reads, so that a quiet system writes nothing. Without webhooks nobody reads. */
async function isBehind(ctx: Context): Promise<boolean> {
  const [any] = await query(ctx)
    .select({ id: webhooks.id })
    .from(webhooks)
    .where(eq(webhooks.state, 'enabled'))
    .limit(1)
  if (!any) return false
  const seen = await peekReader(query(ctx), READER)
  if (!seen) return false
  return seen.gaps.length > 0 || (await newestPosition(query(ctx))) > seen.last
}

type Listening = Pick<typeof webhooks.$inferSelect, 'id' | 'organizationId' | 'types' | 'afterPosition'>

/** Locked against being disabled or deleted before their deliveries are written. */
function lockListening(ctx: TransactionContext): Promise<Listening[]> {
  return ctx.tx.select().from(webhooks).where(eq(webhooks.state, 'enabled')).for('key share')
}

function concerns({ organizationId, types, afterPosition }: Listening, event: ReadEvent): boolean {
  return (
    event.position > afterPosition &&
    event.audience.includes(organizationId) &&
    matchesTypes(types, event.type)
  )
}
