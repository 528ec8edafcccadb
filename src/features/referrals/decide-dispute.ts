import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { DeliveryAnswer } from './answer-delivery.ts'
import { DecideDispute } from './delivery-schemas.ts'
import type { DeliveryRow } from './record-delivery.ts'
import { settleDispute } from './settle-dispute.ts'

/**
 * The purchaser decides whether a disputed delivery counts: `sustained` as recorded, `annulled` not at all.
 * @throws Refusal `not_found` for a delivery that another purchaser, or none, pays for, `precondition_failed`,
 *   `state_conflict` unless it is disputed.
 */
export async function decideDispute(
  ctx: Context,
  { id, expectedVersion, ...input }: DeliveryAnswer & DecideDispute,
): Promise<DeliveryRow> {
  return attempted(ctx, { action: 'dispute.decide', objectId: id }, async (ctx) => {
    permit(ctx, 'dispute.decide')
    const { decision, comment = null } = parseInput(DecideDispute, input)
    const row = await settleDispute(ctx, { id, expectedVersion }, { decision, comment })
    await record(ctx, 'dispute.decide', id, { referralId: row.referralId, decision })
    return row
  })
}
