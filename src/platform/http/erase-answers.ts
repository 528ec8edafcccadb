import { and, gte, sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { mentionsOneOf } from '../db/mentions.ts'
import { idempotencyKeys } from './tables.ts'

/**
 * Forgets the answers that were kept under an Idempotency-Key and name one of these objects.
 *
 * @param since when the first of the objects came to be: older answers can't name any.
 * @returns how many there were.
 */
export async function eraseAnswers(
  ctx: TransactionContext,
  objectIds: readonly string[],
  since: Date,
): Promise<number> {
  const { createdAt, body, headers } = idempotencyKeys
  const text = sql`concat(${body}, ${headers})`
  const rows = await ctx.tx
    .delete(idempotencyKeys)
    .where(and(gte(createdAt, since), mentionsOneOf(text, objectIds)))
    .returning({ key: idempotencyKeys.key })
  return rows.length
}
