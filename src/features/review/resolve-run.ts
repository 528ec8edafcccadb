import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from '../matching/get-run.ts'
import { lockRun } from '../matching/lock-run.ts'
import { reopenRun } from '../matching/reopen-run.ts'
import type { RunRow } from '../matching/start-run.ts'
import { noteDecisions } from './note-decisions.ts'

/**
 * Has a run solved once more around what its reviewers have decided: pinned matches stay, what was excluded does not come
 * back, all else is open again. The run goes on by itself and is proposed anew.
 * @throws Refusal `state_conflict` unless it is proposed or returned, `duplicate` while another run over some of the same
 *   needs is under way, `invalid_input` for a month that is over, `duty_conflict` for an officer who reviews it, or a
 *   finance officer who does not.
 */
export async function resolveRun(
  ctx: Context,
  { runId, expectedVersion }: { runId: string; expectedVersion: number },
): Promise<RunRow> {
  return attempted(ctx, { action: 'run.resolve', objectId: runId }, async (ctx) => {
    permit(ctx, 'run.resolve')
    const run = await lockRun(ctx, runId)
    // To order it again is to create it, unless those who review it do.
    await assumeDuty(ctx, runId, ctx.actor.role === 'purchaser.officer' ? 'create' : 'approve')
    requireVersion(run, expectedVersion)
    const released = await reopenRun(ctx, run)
    const again = await getRun(ctx, runId)
    await noteDecisions(ctx, [{ runId, decision: 'resolve' }])
    await record(ctx, 'run.resolve', runId, { revision: again.revision, released })
    await emit(ctx, 'run.resolved', runId, run.organizationId, { revision: again.revision })
    return again
  })
}
