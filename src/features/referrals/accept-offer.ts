import { type Context, inTransaction } from '../../platform/context.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { permit } from '../identity/permissions.ts'
import type { ReferralRow } from './get-referral.ts'
import { lockReferral } from './lock-referral.ts'
import { makeMove } from './make-move.ts'

/** An offer is a referral as the resident sees it, until both sides have answered. */
export interface OfferAnswer {
  id: string
  expectedVersion: number
}

/**
 * The resident says yes. The status stays: the provider answers for itself, before or after.
 * @throws Refusal `not_found` for another partner's resident, `precondition_failed`, `state_conflict` when the resident
 *   has answered or the offer is over.
 */
export async function acceptOffer(ctx: Context, { id, expectedVersion }: OfferAnswer): Promise<ReferralRow> {
  permit(ctx, 'offer.accept')
  return inTransaction(ctx, async (ctx) => {
    const referral = await lockReferral(ctx, id)
    requireVersion(referral, expectedVersion)
    return makeMove(ctx, referral, { event: 'confirm', reason: null })
  })
}
