import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { approveMatches } from '../matching/approve-matches.ts'
import { getRun } from '../matching/get-run.ts'
import type { RunRow } from '../matching/start-run.ts'
import { ApproveRun } from './schemas.ts'
import { reviewDecisions } from './tables.ts'

/**
 * The second person's yes to what a run proposes: its remaining matches become referrals.
 * @throws Refusal `duty_conflict` for the person who started the run, `state_conflict` unless it is proposed.
 */
export async function approveRun(
  ctx: Context,
  { runId, expectedVersion, ...input }: ApproveRun,
): Promise<RunRow> {
  permit(ctx, 'run.approve')
  const { comment } = parseInput(ApproveRun, input)
  return inTransaction(ctx, async (ctx) => {
    const run = await getRun(ctx, runId)
    requireVersion(run, expectedVersion)
    await assumeDuty(ctx, runId, 'approve')
    const matches = await approveMatches(ctx, run)
    await ctx.tx.insert(reviewDecisions).values({
      id: ctx.newId(),
      runId,
      principalId: ctx.actor.principalId,
      decision: 'approve',
      comment,
      at: ctx.clock(),
    })
    await record(ctx, 'run.approve', runId, { matches })
    await emit(ctx, 'run.approved', runId, run.organizationId, { runId, matches })
    return getRun(ctx, runId)
  })
}
