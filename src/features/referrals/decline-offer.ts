import { type Context, inTransaction } from '../../platform/context.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { OfferAnswer } from './accept-offer.ts'
import type { ReferralRow } from './get-referral.ts'
import { lockReferral } from './lock-referral.ts'
import { makeMove } from './make-move.ts'
import { OfferRefusal } from './schemas.ts'

/**
 * The resident says no: the referral is cancelled, everything held is free again, the need open again.
 * @throws Refusal `not_found` for another partner's resident, `precondition_failed`, `state_conflict` when the resident
 *   has answered or the offer is over, `invalid_input` without one of the reasons.
 */
export async function declineOffer(
  ctx: Context,
  { id, expectedVersion, ...input }: OfferAnswer & OfferRefusal,
): Promise<ReferralRow> {
  permit(ctx, 'offer.decline')
  const { reason } = parseInput(OfferRefusal, input)
  return inTransaction(ctx, async (ctx) => {
    const referral = await lockReferral(ctx, id)
    requireVersion(referral, expectedVersion)
    return makeMove(ctx, referral, { event: 'decline', reason })
  })
}
