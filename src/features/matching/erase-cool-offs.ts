import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { coolOffs } from './tables.ts'

/**
 * Forgets what is not to be offered to a resident again. For erasure, whose own verb has asked for permission.
 * @returns how many rows.
 */
export async function eraseCoolOffs(ctx: TransactionContext, residentId: string): Promise<number> {
  const rows = await ctx.tx
    .delete(coolOffs)
    .where(eq(coolOffs.residentId, residentId))
    .returning({ id: coolOffs.id })
  return rows.length
}
