import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { permit } from '../identity/permissions.ts'
import { answerDelivery, type DeliveryAnswer } from './answer-delivery.ts'
import { partiesOf } from './parties.ts'
import type { DeliveryRow } from './record-delivery.ts'

/**
 * The resident says that it was delivered as recorded.
 * @throws Refusal `not_found` for another partner's resident, `precondition_failed`, `state_conflict` once it is
 *   answered.
 */
export async function confirmDelivery(ctx: Context, wanted: DeliveryAnswer): Promise<DeliveryRow> {
  permit(ctx, 'delivery.confirm')
  return inTransaction(ctx, async (ctx) => {
    const { delivery, referral } = await answerDelivery(ctx, wanted, { state: 'confirmed' })
    const { id, referralId } = delivery
    await record(ctx, 'delivery.confirm', id, { referralId })
    await emit(ctx, 'delivery.confirmed', id, partiesOf(referral), { referralId })
    return delivery
  })
}
