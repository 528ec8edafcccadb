import { and, eq, isNull, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { partiesOf } from './parties.ts'
import { referrals } from './tables.ts'

/**
 * Stays every deadline of a referral from now on: it neither expires nor lapses nor is wound up, until
 * `unstayReferral`. Its parties may move it all the same. One that is stayed already stays as it is. For appeals, whose
 * own verb has asked for permission and reach.
 */
export async function stayReferral(ctx: TransactionContext, id: string): Promise<void> {
  const now = ctx.clock()
  const [row] = await ctx.tx
    .update(referrals)
    .set({ stayedAt: now, changedAt: now, version: sql`${referrals.version} + 1` })
    .where(and(eq(referrals.id, id), isNull(referrals.stayedAt)))
    .returning()
  if (!row) return
  await record(ctx, 'referral.stay', id)
  await emit(ctx, 'referral.stayed', id, partiesOf(row), { status: row.status })
}
