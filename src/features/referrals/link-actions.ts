/** What can still be done through a link: the rules of offers and deliveries, asked before anybody clicks. */
import type { DeliveryState } from './delivery-schemas.ts'
import { GUARDS, TRANSITIONS } from './lifecycle.ts'
import { DELIVERY_ACTIONS } from './link-schemas.ts'
import type { LinkAction, ReferralStatus } from './schemas.ts'

interface Offer {
  status: ReferralStatus
  residentAnswer: 'accepted' | 'declined' | null
}

/** Those of the actions that the offer and the delivery are open for. */
export function openActions(
  actions: readonly LinkAction[],
  offer: Offer,
  delivery: { state: DeliveryState } | null,
): LinkAction[] {
  return actions.filter((action) =>
    DELIVERY_ACTIONS.includes(action) ? delivery?.state === 'recorded' : isOpen(offer),
  )
}

/** Accepting and declining start from the same statuses, under the same guard. */
function isOpen(offer: Offer): boolean {
  const { from, given } = TRANSITIONS.confirm
  return (
    (from as readonly ReferralStatus[]).includes(offer.status) &&
    GUARDS[given].met({ ...offer, delivered: 0, suspendedAt: null })
  )
}
