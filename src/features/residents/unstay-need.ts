import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { partnerOf } from './partner-of.ts'
import { needs } from './tables.ts'

/**
 * Lets a stayed need expire again; one whose month is over does so with the next sweep. One that is not stayed stays as
 * it is. For the end of an appeal, whose own verb has asked for permission, and knows that no other appeal is open.
 */
export async function unstayNeed(ctx: TransactionContext, id: string): Promise<void> {
  const [row] = await ctx.tx
    .update(needs)
    .set({ stayedAt: null, version: sql`${needs.version} + 1` })
    .where(and(eq(needs.id, id), isNotNull(needs.stayedAt)))
    .returning({ residentId: needs.residentId, state: needs.state })
  if (!row) return
  await record(ctx, 'need.unstay', id)
  await emit(ctx, 'need.unstayed', id, await partnerOf(ctx, row.residentId), { state: row.state })
}
