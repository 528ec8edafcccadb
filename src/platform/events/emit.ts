import type { TransactionContext } from '../context.ts'
import { chunks } from '../db/chunks.ts'
import { events } from './tables.ts'

export interface Emitted {
  objectId: string
  /** Whom it concerns; null = nobody in particular. */
  organizationId: string | null
  /** Identifiers, states and amounts; what a webhook may carry. */
  data?: Record<string, unknown>
}

/**
 * Says what happened, in the transaction that made it happen, and enqueues the jobs that react to it.
 *
 * @param organizationId whom it concerns; null = nobody in particular.
 * @param data identifiers, states and amounts; what a webhook may carry.
 */
export function emit(
  ctx: TransactionContext,
  type: string,
  objectId: string,
  organizationId: string | null,
  data: Record<string, unknown> = {},
): Promise<void> {
  return emitAll(ctx, type, [{ objectId, organizationId, data }])
}

/** Says that the same happened to many objects. */
export async function emitAll(
  ctx: TransactionContext,
  type: string,
  emitted: readonly Emitted[],
): Promise<void> {
  const at = ctx.clock()
  const rows = emitted.map(({ data = {}, ...event }) => ({ id: ctx.newId(), at, type, data, ...event }))
  for (const chunk of chunks(rows)) await ctx.tx.insert(events).values(chunk)
  for (const react of ctx.reactions.get(type) ?? []) {
    for (const { id: eventId, objectId, data } of rows) await react(ctx, { eventId, objectId, data })
  }
}
