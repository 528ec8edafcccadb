import { eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { isConfidential } from '../catalog/confidential.ts'
import { getOffering } from '../catalog/get-offering.ts'
import type { Hours } from '../catalog/hours.ts'
import { getLocation } from '../catalog/list-locations.ts'
import type { ServiceUnit } from '../catalog/schemas.ts'
import { actorOf } from '../identity/actor-of.ts'
import { organizations } from '../identity/tables.ts'
import { findLink } from './find-link.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import { openActions } from './link-actions.ts'
import type { LinkAction } from './schemas.ts'
import { deliveries } from './tables.ts'

/** What the page behind a link tells: of the service, and nothing of the resident. */
export interface LinkView {
  service: string
  provider: string
  mode: 'onsite' | 'home' | 'remote'
  /** Null where it is not told, or where the service comes to the resident. */
  place: { name: string; address: string } | null
  hours: Hours | null
  unit: ServiceUnit
  quantity: number
  /** Minor units: the whole, and the resident's part of it. */
  price: number
  copayment: number
  offer: Pick<ReferralRow, 'status' | 'statusReason' | 'residentAnswer'>
  delivery: { units: number; deliveredAt: Date } | null
  /** What can still be done; nothing, where the matter has moved on. */
  actions: LinkAction[]
  expiresAt: Date
}

/**
 * What a link offers to do, without doing it: whoever scans mail may open it.
 * @throws Refusal of `findLink`.
 */
export async function readActionLink(ctx: Context, token: string): Promise<LinkView> {
  const link = await findLink(ctx, token)
  const acting = { ...ctx, actor: await actorOf(ctx, link.principalId) }
  const referral = await getReferral(acting, link.referralId)
  const [delivery] = link.deliveryId
    ? await query(ctx).select().from(deliveries).where(eq(deliveries.id, link.deliveryId))
    : []
  const { name, mode, hours, unit, locationId } = await getOffering(acting, referral.offeringId)
  const [provider] = await query(ctx)
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, referral.providerId))
  const { quantity, price, copayment } = referral
  return {
    service: name,
    provider: provider!.name,
    mode,
    place: mode === 'onsite' ? await placeOf(acting, locationId) : null,
    hours,
    unit,
    quantity,
    price,
    copayment,
    offer: referral,
    delivery: delivery ?? null,
    actions: openActions(link.actions, referral, delivery ?? null),
    expiresAt: link.expiresAt,
  }
}

/** Of a confidential place even the name may be its address. */
async function placeOf(ctx: Context, locationId: string): Promise<LinkView['place']> {
  const location = await getLocation(ctx, locationId)
  if (isConfidential(location) || location.address === null) return null
  return { name: location.name, address: location.address }
}
