import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { MatchRow } from '../matching/get-run.ts'
import { setPin } from '../matching/set-pin.ts'
import { lockMatchInReview } from './lock-in-review.ts'
import { noteDecisions } from './note-decisions.ts'
import { PinMatch } from './schemas.ts'

/**
 * Keeps one match of a proposed run: when the run is solved again, it stays with all that it holds. Of a pinned one, the
 * last reason counts.
 * @throws Refusal `duty_conflict` for the person who started the run, `not_found` for a match of another run,
 *   `state_conflict` once the run is not in review or the match is out.
 */
export async function pinMatch(
  ctx: Context,
  { runId, matchId, expectedVersion, ...input }: PinMatch,
): Promise<MatchRow> {
  return attempted(ctx, { action: 'match.pin', objectId: matchId }, async (ctx) => {
    permit(ctx, 'match.pin')
    const { reason, comment } = parseInput(PinMatch, input)
    const { run } = await lockMatchInReview(ctx, { runId, matchId, expectedVersion })
    const pinned = await setPin(ctx, matchId, reason)
    await noteDecisions(ctx, [{ runId, matchId, decision: 'pin', reason, comment }])
    await record(ctx, 'match.pin', matchId, { runId, reason })
    await emit(ctx, 'match.pinned', matchId, run.organizationId, { runId, reason })
    return pinned
  })
}
