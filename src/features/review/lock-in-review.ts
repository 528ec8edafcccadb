import { and, eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import type { MatchRow } from '../matching/get-run.ts'
import { lockRun } from '../matching/lock-run.ts'
import type { RunRow } from '../matching/start-run.ts'
import { matches } from '../matching/tables.ts'
import type { OfMatch } from './schemas.ts'

/**
 * The run as its reviewer decides about it, locked, with the duty to approve it: who started it reviews nothing of it.
 * @throws Refusal `not_found` beyond the actor's reach, `precondition_failed` for another version, `state_conflict`
 *   unless it is proposed, `duty_conflict` for who started it.
 */
export async function lockRunInReview(
  ctx: TransactionContext,
  runId: string,
  expectedVersion?: number,
): Promise<RunRow> {
  const run = await lockRun(ctx, runId)
  await assumeDuty(ctx, runId, 'approve')
  if (expectedVersion !== undefined) requireVersion(run, expectedVersion)
  requireProposed(run)
  return run
}

/**
 * The same for one of its matches.
 * @throws Refusal also `not_found` for a match of another run, `state_conflict` for one that is not proposed.
 */
export async function lockMatchInReview(
  ctx: TransactionContext,
  { runId, matchId, expectedVersion }: OfMatch,
): Promise<{ run: RunRow; match: MatchRow }> {
  const run = await lockRun(ctx, runId)
  const [row] = await ctx.tx
    .select()
    .from(matches)
    .where(and(eq(matches.id, matchId), eq(matches.runId, runId)))
    .for('update')
  const match = found(row, 'match in this run')
  await assumeDuty(ctx, runId, 'approve')
  requireVersion(match, expectedVersion)
  requireProposed(run)
  if (match.state !== 'proposed') throw new Refusal('state_conflict', `The match is ${match.state} already.`)
  return { run, match }
}

function requireProposed({ state }: RunRow): void {
  if (state === 'proposed') return
  throw new Refusal('state_conflict', `The run is ${state}; only a proposed one is reviewed.`)
}
