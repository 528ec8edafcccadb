import { and, eq, inArray, isNotNull } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { residents } from '../residents/tables.ts'
import { runSnapshotParts } from './tables.ts'

/** Takes a resident out of every kept snapshot: a replay of those runs says so. @returns how many parts. */
export async function eraseSnapshotParts(ctx: TransactionContext, residentId: string): Promise<number> {
  const rows = await ctx.tx
    .delete(runSnapshotParts)
    .where(eq(runSnapshotParts.residentId, residentId))
    .returning({ runId: runSnapshotParts.runId })
  return rows.length
}

/** The same for a run that was under way while residents were erased. @returns how many parts. */
export async function eraseSnapshotPartsOfRun(ctx: TransactionContext, runId: string): Promise<number> {
  const erased = ctx.tx.select({ id: residents.id }).from(residents).where(isNotNull(residents.erasedAt))
  const rows = await ctx.tx
    .delete(runSnapshotParts)
    .where(and(eq(runSnapshotParts.runId, runId), inArray(runSnapshotParts.residentId, erased)))
    .returning({ number: runSnapshotParts.number })
  return rows.length
}
