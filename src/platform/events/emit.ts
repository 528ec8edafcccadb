import type { TransactionContext } from '../context.ts'
import { chunks } from '../db/chunks.ts'
import { events } from './tables.ts'

/** One organization, several, or null = nobody in particular. */
export type Audience = string | readonly string[] | null

export interface Emitted {
  objectId: string
  /** Whom it concerns: who is told by webhook and stream. */
  audience: Audience
  /** Identifiers, states and amounts; what a webhook may carry. */
  data?: Record<string, unknown>
}

/**
 * Says what happened, in the transaction that made it happen, and enqueues the jobs that react to it.
 *
 * @param audience whom it concerns.
 * @param data identifiers, states and amounts; what a webhook may carry.
 */
export async function emit(
  ctx: TransactionContext,
  type: string,
  objectId: string,
  audience: Audience,
  data: Record<string, unknown> = {},
): Promise<void> {
  await emitAll(ctx, type, [{ objectId, audience, data }])
}

/** Says that the same happened to many objects. The ids of the events, in the same order. */
export async function emitAll(
  ctx: TransactionContext,
  type: string,
  emitted: readonly Emitted[],
): Promise<string[]> {
  const at = ctx.clock()
  const rows = emitted.map(({ data = {}, audience, objectId }) => ({
    id: ctx.newId(),
    at,
    type,
    objectId,
    audience: [...new Set([audience ?? []].flat())],
    data,
  }))
  for (const chunk of chunks(rows)) await ctx.tx.insert(events).values(chunk)
  for (const react of ctx.reactions.get(type) ?? []) {
    for (const { id: eventId, objectId, data } of rows) await react(ctx, { eventId, objectId, data })
  }
  return rows.map(({ id }) => id)
}
