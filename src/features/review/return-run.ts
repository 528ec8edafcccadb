import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from '../matching/get-run.ts'
import { sendBack } from '../matching/send-back.ts'
import type { RunRow } from '../matching/start-run.ts'
import { lockRunInReview } from './lock-in-review.ts'
import { noteDecisions } from './note-decisions.ts'
import { ReturnRun } from './schemas.ts'

/**
 * Gives a proposed run back with a comment: it is solved again or cancelled. Until then, its matches keep what they hold.
 * @throws Refusal `duty_conflict` for the person who started the run, `state_conflict` unless it is proposed.
 */
export async function returnRun(
  ctx: Context,
  { runId, expectedVersion, ...input }: ReturnRun,
): Promise<RunRow> {
  return attempted(ctx, { action: 'run.return', objectId: runId }, async (ctx) => {
    permit(ctx, 'run.return')
    const { comment } = parseInput(ReturnRun, input)
    const run = await lockRunInReview(ctx, runId, expectedVersion)
    await sendBack(ctx, run)
    await noteDecisions(ctx, [{ runId, decision: 'return', comment }])
    await record(ctx, 'run.return', runId)
    await emit(ctx, 'run.returned', runId, run.organizationId)
    return getRun(ctx, runId)
  })
}
