/** From rows to what the API answers. */
import type { Delivery, DisputeReason } from './delivery-schemas.ts'
import type { ReferralRow } from './get-referral.ts'
import type { DeliveryRow } from './record-delivery.ts'
import type { Referral } from './schemas.ts'

export function toReferral(row: ReferralRow): Referral {
  const { residentAnsweredAt, answerBy, createdAt, changedAt } = row
  return {
    ...row,
    residentAnsweredAt: residentAnsweredAt?.toISOString() ?? null,
    answerBy: answerBy?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
  }
}

export function toDelivery(row: DeliveryRow): Delivery {
  const { deliveredAt, disputeReason, createdAt, answeredAt } = row
  return {
    ...row,
    disputeReason: disputeReason as DisputeReason | null,
    deliveredAt: deliveredAt.toISOString(),
    createdAt: createdAt.toISOString(),
    answeredAt: answeredAt?.toISOString() ?? null,
  }
}
