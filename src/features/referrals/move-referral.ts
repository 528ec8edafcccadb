import { type Context, inTransaction } from '../../platform/context.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { ReferralRow } from './get-referral.ts'
import { lockReferral } from './lock-referral.ts'
import { makeMove, type SingleEvent } from './make-move.ts'
import { ReferralMove } from './schemas.ts'

/** What a party does to a referral; the resident's answers are not among it, they are answers to an offer. */
export type PartyEvent = Exclude<SingleEvent, 'confirm' | 'decline'>

/**
 * Moves a referral as the table of `lifecycle.ts` says. One verb for nine operations (`acceptReferral`, action
 * `referral.accept`, and so on): they differ in the table's rows alone.
 * @throws Refusal of `nextStatus` and `requireGuard`, `precondition_failed` when the referral has changed since it was
 *   read.
 */
export async function moveReferral(
  ctx: Context,
  {
    id,
    event,
    expectedVersion,
    ...input
  }: ReferralMove & { id: string; event: PartyEvent; expectedVersion: number },
): Promise<ReferralRow> {
  permit(ctx, `referral.${event}`)
  const { reason } = parseInput(ReferralMove, input)
  return inTransaction(ctx, async (ctx) => {
    const referral = await lockReferral(ctx, id)
    requireVersion(referral, expectedVersion)
    return makeMove(ctx, referral, { event, reason })
  })
}
