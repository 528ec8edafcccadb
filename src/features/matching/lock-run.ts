import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { getRun } from './get-run.ts'
import type { RunRow } from './start-run.ts'
import { matchRuns } from './tables.ts'

/**
 * The run, locked until the transaction ends: whoever decides about it or about one of its matches comes one after the
 * other. Before everything else that they lock.
 * @throws Refusal `not_found` beyond the actor's reach.
 */
export async function lockRun(ctx: TransactionContext, id: string): Promise<RunRow> {
  await getRun(ctx, id)
  await ctx.tx.select({ id: matchRuns.id }).from(matchRuns).where(eq(matchRuns.id, id)).for('update')
  return getRun(ctx, id)
}
