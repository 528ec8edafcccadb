import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { permit } from '../identity/permissions.ts'
import type { MatchRow } from '../matching/get-run.ts'
import { setPin } from '../matching/set-pin.ts'
import { lockMatchInReview } from './lock-in-review.ts'
import { noteDecisions } from './note-decisions.ts'
import type { OfMatch } from './schemas.ts'

/**
 * Lets a pinned match take part again when its run is solved again.
 * @throws Refusal as `pinMatch` does, and `state_conflict` for a match that is not pinned.
 */
export async function unpinMatch(ctx: Context, wanted: OfMatch): Promise<MatchRow> {
  const { runId, matchId } = wanted
  return attempted(ctx, { action: 'match.unpin', objectId: matchId }, async (ctx) => {
    permit(ctx, 'match.unpin')
    const { run, match } = await lockMatchInReview(ctx, wanted)
    if (match.pinReason === null) throw new Refusal('state_conflict', 'The match is not pinned.')
    const unpinned = await setPin(ctx, matchId, null)
    await noteDecisions(ctx, [{ runId, matchId, decision: 'unpin' }])
    await record(ctx, 'match.unpin', matchId, { runId })
    await emit(ctx, 'match.unpinned', matchId, run.organizationId, { runId })
    return unpinned
  })
}
