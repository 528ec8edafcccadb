/** From rows to what the API answers. */
import type { Delivery, DisputeReason } from './delivery-schemas.ts'
import type { ReferralRow } from './get-referral.ts'
import type { WorkSection } from './get-work-list.ts'
import type { DeliveryRow } from './record-delivery.ts'
import type { Referral } from './schemas.ts'
import type { WorkList } from './work-list-schemas.ts'

export function toReferral(row: ReferralRow): Referral {
  const { stayedDays: _stayedDays, residentAnsweredAt, answerBy, startedAt, ...told } = row
  const { stayedAt, suspendedAt, createdAt, changedAt } = row
  return {
    ...told,
    residentAnsweredAt: residentAnsweredAt?.toISOString() ?? null,
    answerBy: answerBy?.toISOString() ?? null,
    startedAt: startedAt?.toISOString() ?? null,
    stayedAt: stayedAt?.toISOString() ?? null,
    suspendedAt: suspendedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
  }
}

export function toDelivery(row: DeliveryRow): Delivery {
  const { decidedBy: _decidedBy, deliveredAt, disputeReason, createdAt, answeredAt, ...told } = row
  return {
    ...told,
    disputeReason: disputeReason as DisputeReason | null,
    deliveredAt: deliveredAt.toISOString(),
    createdAt: createdAt.toISOString(),
    answeredAt: answeredAt?.toISOString() ?? null,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    settledAt: row.settledAt?.toISOString() ?? null,
  }
}

export function toWorkList(sections: readonly WorkSection[]): WorkList {
  return {
    sections: sections.map((section) => ({
      ...section,
      items: section.items.map(({ referral, period, left, delivery }) => ({
        referral: toReferral(referral),
        period,
        left,
        delivery: delivery && toDelivery(delivery),
      })),
    })),
  }
}
