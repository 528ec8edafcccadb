import { and, eq, isNull, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { partnerOf } from './partner-of.ts'
import { needs } from './tables.ts'

/**
 * Keeps a need from expiring from now on, until `unstayNeed`. One that is stayed already stays as it is. For appeals,
 * whose own verb has asked for permission and reach.
 */
export async function stayNeed(ctx: TransactionContext, id: string): Promise<void> {
  const [row] = await ctx.tx
    .update(needs)
    .set({ stayedAt: ctx.clock(), version: sql`${needs.version} + 1` })
    .where(and(eq(needs.id, id), isNull(needs.stayedAt)))
    .returning({ residentId: needs.residentId, state: needs.state })
  if (!row) return
  await record(ctx, 'need.stay', id)
  await emit(ctx, 'need.stayed', id, await partnerOf(ctx, row.residentId), { state: row.state })
}
