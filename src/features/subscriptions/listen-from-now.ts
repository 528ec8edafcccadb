import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { awaitReader, moveReaderToNow } from '../../platform/events/event-reader.ts'
import { highestDrawn } from '../../platform/events/read-event-page.ts'
import { webhooks } from './tables.ts'

/** The name under which the dispatcher reads events. */
export const READER = 'webhooks'

/**
 * The number above which events concern a webhook that begins to listen. While nobody listens, the dispatcher stands
 * still: it is brought to the newest event, so that it need not read through all that nobody wants. Callers come here
 * before they lock a webhook, as the dispatcher does.
 */
export async function listenFromNow(ctx: TransactionContext): Promise<number> {
  const seen = await awaitReader(ctx.tx, READER)
  const [listening] = await ctx.tx
    .select({ id: webhooks.id })
    .from(webhooks)
    .where(eq(webhooks.state, 'enabled'))
    .limit(1)
  if (!listening) await moveReaderToNow(ctx.tx, READER, seen)
  return highestDrawn(ctx.tx)
}
