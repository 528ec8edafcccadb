import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { answerDelivery, type DeliveryAnswer } from './answer-delivery.ts'
import { DisputeDelivery } from './delivery-schemas.ts'
import { partiesOf } from './parties.ts'
import type { DeliveryRow } from './record-delivery.ts'

/**
 * The resident says that it was not delivered as recorded. What was spent for it stays spent until the dispute is
 * decided.
 * @throws Refusal `not_found` for another partner's resident, `precondition_failed`, `state_conflict` once it is
 *   answered.
 */
export async function disputeDelivery(
  ctx: Context,
  { id, expectedVersion, ...input }: DeliveryAnswer & DisputeDelivery,
): Promise<DeliveryRow> {
  permit(ctx, 'delivery.dispute')
  const { reason, comment = null } = parseInput(DisputeDelivery, input)
  return inTransaction(ctx, async (ctx) => {
    const answer = { state: 'disputed', disputeReason: reason, comment } as const
    const { delivery, referral } = await answerDelivery(ctx, { id, expectedVersion }, answer)
    const { referralId } = delivery
    await record(ctx, 'delivery.dispute', id, { referralId, reason })
    await emit(ctx, 'delivery.disputed', id, partiesOf(referral), { referralId, reason })
    return delivery
  })
}
