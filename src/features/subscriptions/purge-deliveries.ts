import { and, eq, lt, or } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { DAY_MS } from '../../platform/period.ts'
import { webhookDeliveries } from './tables.ts'

const KEPT_DELIVERED_DAYS = 30
const KEPT_DEAD_DAYS = 90

/** Deletes what was delivered 30 days ago, and what has been dead letters for 90. */
export async function purgeDeliveries(ctx: TransactionContext): Promise<void> {
  const ago = (days: number) => new Date(ctx.clock().getTime() - days * DAY_MS)
  await ctx.tx
    .delete(webhookDeliveries)
    .where(
      or(
        and(
          eq(webhookDeliveries.state, 'delivered'),
          lt(webhookDeliveries.deliveredAt, ago(KEPT_DELIVERED_DAYS)),
        ),
        and(eq(webhookDeliveries.state, 'dead'), lt(webhookDeliveries.createdAt, ago(KEPT_DEAD_DAYS))),
      ),
    )
}
