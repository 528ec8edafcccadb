import { eq, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { deliveries } from './tables.ts'

/** Units of a referral's deliveries. */
export interface DeliveredUnits {
  /** All that were recorded but those annulled; disputed ones among them until the dispute is decided. */
  delivered: number
  /** What the ledger has spent: with those that were annulled after they were settled, until a settlement corrects them. */
  spent: number
}

/** Whether the ledger still counts a delivery as spent. */
export const IS_SPENT = sql<boolean>`(${deliveries.state} <> 'annulled' or ${deliveries.settledAt} is not null)`

export async function deliveredUnits(ctx: Context, referralId: string): Promise<DeliveredUnits> {
  const units = (counts: typeof IS_SPENT) =>
    sql`coalesce(sum(${deliveries.units}) filter (where ${counts}), 0)`.mapWith(Number)
  const [row] = await query(ctx)
    .select({ delivered: units(sql`${deliveries.state} <> 'annulled'`), spent: units(IS_SPENT) })
    .from(deliveries)
    .where(eq(deliveries.referralId, referralId))
  return row!
}
