import { and, asc, eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { consents, needs, residents } from './tables.ts'

/**
 * Keeps a need's resident and their consents to matching as they are until the transaction ends: an erasure or a
 * withdrawal at the same time comes before the facts are read, or after what is done with them, and then takes it back.
 * For bookings and backfills, before they lock anything else.
 */
export async function keepFacts(ctx: TransactionContext, needId: string): Promise<void> {
  const [kept] = await ctx.tx
    .select({ residentId: residents.id })
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(eq(needs.id, needId))
    .for('key share', { of: residents })
  if (!kept) return
  await ctx.tx
    .select({ id: consents.id })
    .from(consents)
    .where(and(eq(consents.residentId, kept.residentId), eq(consents.purpose, 'matching')))
    .orderBy(asc(consents.id))
    .for('share')
}
