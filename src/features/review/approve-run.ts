import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit, emitAll } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { approveMatches } from '../matching/approve-matches.ts'
import { getRun } from '../matching/get-run.ts'
import { releaseMatches } from '../matching/release-matches.ts'
import type { RunRow } from '../matching/start-run.ts'
import { lockRunInReview } from './lock-in-review.ts'
import { noteDecisions } from './note-decisions.ts'
import { recheckMatches, type StaleMatch } from './recheck-matches.ts'
import { ApproveRun } from './schemas.ts'

/** As an exclusion says it. */
const STALE = 'no_longer_valid'
/** Stale matches that a refusal names; it counts them all. */
const MOST_NAMED = 100

/**
 * The second person's yes to what a run proposes: its remaining matches become referrals. Each is held against the facts
 * of this moment first. All of it in one transaction: there is no half of a batch.
 * @throws Refusal `duty_conflict` for the person who started the run; `state_conflict` unless it is proposed, and with
 *   the facts `count` and `stale` where matches do not hold any more and are not to be excluded.
 */
export async function approveRun(
  ctx: Context,
  { runId, expectedVersion, ...input }: ApproveRun,
): Promise<RunRow> {
  return attempted(ctx, { action: 'run.approve', objectId: runId }, async (ctx) => {
    permit(ctx, 'run.approve')
    const { comment, excludeStale } = parseInput(ApproveRun, input)
    const run = await lockRunInReview(ctx, runId, expectedVersion)
    const stale = await recheckMatches(ctx, run)
    if (stale.length > 0) {
      if (!excludeStale) refuseStale(stale)
      await excludeAll(ctx, run, stale)
    }
    const matches = await approveMatches(ctx, run)
    await noteDecisions(ctx, [{ runId, decision: 'approve', comment }])
    await record(ctx, 'run.approve', runId, { matches, excluded: stale.length })
    await emit(ctx, 'run.approved', runId, run.organizationId, { runId, matches })
    return getRun(ctx, runId)
  })
}

function refuseStale(stale: readonly StaleMatch[]): never {
  const named = stale.slice(0, MOST_NAMED).map(({ matchId, reason }) => ({ matchId, reason }))
  throw new Refusal(
    'state_conflict',
    `${stale.length} of the matches do not hold any more; exclude them, or approve the others with excludeStale.`,
    { facts: { count: stale.length, stale: named } },
  )
}

async function excludeAll(
  ctx: TransactionContext,
  { id: runId, organizationId }: RunRow,
  stale: readonly StaleMatch[],
): Promise<void> {
  const ids = stale.map(({ matchId }) => matchId)
  const gone = stale.filter(({ reason }) => reason === 'need_changed').map(({ needId }) => needId)
  await releaseMatches(ctx, ids, STALE, { leaving: new Set(gone) })
  const said = { runId, decision: 'exclude', reason: STALE } as const
  await noteDecisions(
    ctx,
    ids.map((matchId) => ({ ...said, matchId })),
  )
  for (const { matchId, reason } of stale) {
    await record(ctx, 'match.exclude', matchId, { runId, reason: STALE, because: reason })
  }
  await emitAll(
    ctx,
    'match.excluded',
    ids.map((objectId) => ({ objectId, audience: organizationId, data: { runId, reason: STALE } })),
  )
}
