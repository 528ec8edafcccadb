import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { lockRun } from './lock-run.ts'
import { abandonRun } from './perform-run.ts'
import type { RunRow } from './start-run.ts'

/**
 * Ends a run that is not approved, under way or in review; its needs are open again, and what its matches held is free.
 * No If-Match: a run goes on by itself, and who wants it stopped wants so whatever it has come to.
 * @throws Refusal `not_found` beyond the actor's reach, `state_conflict` once it is approved or has ended.
 */
export async function cancelRun(ctx: Context, id: string): Promise<RunRow> {
  permit(ctx, 'run.cancel')
  return inTransaction(ctx, async (ctx) => {
    // Waits for the job's own transaction: either the run is proposed by then, or it is under way.
    await lockRun(ctx, id)
    const cancelled = await abandonRun(ctx, id, 'cancelled', null)
    if (!cancelled) throw new Refusal('state_conflict', 'The run is approved or has ended already.')
    await record(ctx, 'run.cancel', id)
    return cancelled
  })
}
