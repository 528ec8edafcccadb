import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { MatchRow } from '../matching/get-run.ts'
import { releaseMatch } from '../matching/release-match.ts'
import { lockMatchInReview } from './lock-in-review.ts'
import { noteDecisions } from './note-decisions.ts'
import { ExcludeMatch } from './schemas.ts'

/**
 * Takes one match out of a proposed run: what it held is free again, its need open again. Part of approving, so
 * that the person who started the run cannot pick its matches. However often the run is solved again, it does not
 * propose the two to each other.
 * @throws Refusal `duty_conflict` for that person, `not_found` for a match of another run, `state_conflict` once the run
 *   is not in review or the match is out.
 */
export async function excludeMatch(
  ctx: Context,
  { runId, matchId, expectedVersion, ...input }: ExcludeMatch,
): Promise<MatchRow> {
  return attempted(ctx, { action: 'match.exclude', objectId: matchId }, async (ctx) => {
    permit(ctx, 'match.exclude')
    const { reason, comment } = parseInput(ExcludeMatch, input)
    const { run } = await lockMatchInReview(ctx, { runId, matchId, expectedVersion })
    const excluded = await releaseMatch(ctx, matchId, reason)
    await noteDecisions(ctx, [{ runId, matchId, decision: 'exclude', reason, comment }])
    await record(ctx, 'match.exclude', matchId, { runId, reason })
    await emit(ctx, 'match.excluded', matchId, run.organizationId, { runId, reason })
    return excluded
  })
}
