import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { Refusal } from '../../platform/errors.ts'
import { deliveries } from './tables.ts'

/**
 * Takes the mark off annulled deliveries that were settled before, all or none: a settlement has corrected them, and
 * their units count no more. For settlement, whose own verb has asked for permission and reverts what was spent.
 * @throws Refusal `state_conflict` when one of them is unknown, not annulled or not settled.
 */
export async function clearSettled(ctx: TransactionContext, deliveryIds: readonly string[]): Promise<void> {
  const inOrder = [...new Set(deliveryIds)].sort()
  if (inOrder.length === 0) return
  let cleared = 0
  for (const ids of chunks(inOrder)) {
    const rows = await ctx.tx
      .update(deliveries)
      .set({ settledAt: null, version: sql`${deliveries.version} + 1` })
      .where(
        and(inArray(deliveries.id, ids), isNotNull(deliveries.settledAt), eq(deliveries.state, 'annulled')),
      )
      .returning({ id: deliveries.id })
    cleared += rows.length
  }
  if (cleared < inOrder.length) {
    const left = inOrder.length - cleared
    throw new Refusal('state_conflict', `${left} of the deliveries have nothing to correct.`)
  }
  await record(ctx, 'deliveries.clear_settled', ctx.newId(), { deliveries: cleared })
}
