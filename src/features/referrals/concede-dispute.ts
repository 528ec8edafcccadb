import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import type { DeliveryAnswer } from './answer-delivery.ts'
import type { DeliveryRow } from './record-delivery.ts'
import { settleDispute } from './settle-dispute.ts'

/**
 * The provider says that the resident is right: the disputed delivery is annulled.
 * @throws Refusal `not_found` for another provider's delivery, `precondition_failed`, `state_conflict` unless it is
 *   disputed.
 */
export async function concedeDispute(
  ctx: Context,
  { id, expectedVersion }: DeliveryAnswer,
): Promise<DeliveryRow> {
  return attempted(ctx, { action: 'dispute.concede', objectId: id }, async (ctx) => {
    permit(ctx, 'dispute.concede')
    const decision = { decision: 'annulled', comment: null } as const
    const row = await settleDispute(ctx, { id, expectedVersion }, decision)
    await record(ctx, 'dispute.concede', id, { referralId: row.referralId })
    return { ...row, comment: null }
  })
}
