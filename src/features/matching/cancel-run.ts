import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from './get-run.ts'
import { abandonRun } from './perform-run.ts'
import type { RunRow } from './start-run.ts'
import { matchRuns } from './tables.ts'

/**
 * Stops a run that is queued or running; its needs are open again. No If-Match: a run goes on by itself, and who wants
 * it stopped wants so whatever it has come to.
 * @throws Refusal `not_found` beyond the actor's reach, `state_conflict` once it has ended.
 */
export async function cancelRun(ctx: Context, id: string): Promise<RunRow> {
  permit(ctx, 'run.cancel')
  return inTransaction(ctx, async (ctx) => {
    await getRun(ctx, id)
    // Waits for the job's own transaction: either the run is proposed by then, or it is ours to end.
    await ctx.tx.select({ id: matchRuns.id }).from(matchRuns).where(eq(matchRuns.id, id)).for('update')
    const cancelled = await abandonRun(ctx, id, 'cancelled', null)
    if (!cancelled)
      throw new Refusal('state_conflict', 'Only a run that is queued or running can be cancelled.')
    await record(ctx, 'run.cancel', id)
    return cancelled
  })
}
