import { eq, sum } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { deliveries } from './tables.ts'

/** Units recorded as delivered so far, disputed ones among them: a dispute is decided elsewhere. */
export async function deliveredUnits(ctx: Context, referralId: string): Promise<number> {
  const [row] = await query(ctx)
    .select({ units: sum(deliveries.units).mapWith(Number) })
    .from(deliveries)
    .where(eq(deliveries.referralId, referralId))
  return row?.units ?? 0
}
