import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import type { RunRow } from './start-run.ts'
import { matchRuns } from './tables.ts'

/**
 * Gives a proposed run back to those who started it; what its matches hold stays held. The run is locked.
 * @throws Refusal `state_conflict` for a run that is not proposed.
 */
export async function sendBack(ctx: TransactionContext, run: RunRow): Promise<void> {
  if (run.state !== 'proposed') {
    throw new Refusal('state_conflict', `The run is ${run.state}; only a proposed one is reviewed.`)
  }
  await ctx.tx
    .update(matchRuns)
    .set({ state: 'returned', version: run.version + 1 })
    .where(eq(matchRuns.id, run.id))
}
