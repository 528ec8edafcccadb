import { and, sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { isOneOf } from '../db/one-of.ts'
import { events } from './tables.ts'

/**
 * Empties the events about these objects: that something happened stays, for readers count on it; what stood in it
 * goes.
 * @returns how many had something in them.
 */
export async function eraseEvents(ctx: TransactionContext, objectIds: readonly string[]): Promise<number> {
  const rows = await ctx.tx
    .update(events)
    .set({ data: {} })
    .where(and(isOneOf(events.objectId, objectIds), sql`${events.data} <> '{}'::jsonb`))
    .returning({ id: events.id })
  return rows.length
}
