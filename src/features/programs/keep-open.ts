import { and, asc, eq, inArray } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { programs } from './tables.ts'

/**
 * Those of the programs that are open, and stay so until the transaction ends: whoever freezes or closes one waits. For
 * what is about to hold something of their funds; locks come before those of accounts.
 */
export async function keepOpenPrograms(
  ctx: TransactionContext,
  ids: readonly (string | null)[],
): Promise<Set<string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  if (wanted.length === 0) return new Set()
  const rows = await ctx.tx
    .select({ id: programs.id })
    .from(programs)
    .where(and(inArray(programs.id, wanted), eq(programs.state, 'open')))
    .orderBy(asc(programs.id))
    .for('share')
  return new Set(rows.map(({ id }) => id))
}
