import { and, inArray, isNull, notInArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { Refusal } from '../../platform/errors.ts'
import { deliveries } from './tables.ts'

/**
 * Marks deliveries as paid for by a settlement, all or none. For settlement, whose own verb has asked for permission.
 * @throws Refusal `state_conflict` when one of them is unknown, settled already, disputed or annulled.
 */
export async function markSettled(
  ctx: TransactionContext,
  deliveryIds: readonly string[],
  at: Date,
): Promise<void> {
  const inOrder = [...new Set(deliveryIds)].sort()
  if (inOrder.length === 0) return
  let marked = 0
  for (const ids of chunks(inOrder)) {
    const rows = await ctx.tx
      .update(deliveries)
      .set({ settledAt: at, version: sql`${deliveries.version} + 1` })
      .where(
        and(
          inArray(deliveries.id, ids),
          isNull(deliveries.settledAt),
          notInArray(deliveries.state, ['disputed', 'annulled']),
        ),
      )
      .returning({ id: deliveries.id })
    marked += rows.length
  }
  if (marked < inOrder.length) {
    const left = inOrder.length - marked
    throw new Refusal('state_conflict', `${left} of the deliveries cannot be settled as they are now.`)
  }
  await record(ctx, 'deliveries.mark_settled', ctx.newId(), { deliveries: marked })
}
