/** Rows that alerts are reckoned from, written straight into the tables. */
import { locations, offerings, services } from '../../../src/features/catalog/tables.ts'
import { matches } from '../../../src/features/matching/tables.ts'
import { deliveries, referrals } from '../../../src/features/referrals/tables.ts'
import { needs, residents } from '../../../src/features/residents/tables.ts'
import type { TransactionContext } from '../../../src/platform/context.ts'
import { PERIOD } from '../referrals/proposed-run.ts'

interface OfferingFacts {
  organizationId: string
  areaId: string
  price?: number
  term?: string
  staffMinutesPerUnit?: number
}

export async function insertOffering(ctx: TransactionContext, facts: OfferingFacts): Promise<string> {
  const { organizationId, areaId, price = 0, term = 'day_care', staffMinutesPerUnit = 0 } = facts
  const [serviceId, locationId, id] = [ctx.newId(), ctx.newId(), ctx.newId()]
  const common = { organizationId, createdAt: ctx.clock() }
  await ctx.tx.insert(services).values({ id: serviceId, name: id, category: 'life_care', term, ...common })
  await ctx.tx
    .insert(locations)
    .values({ id: locationId, areaId, name: 'Here', address: 'Here 1', ...common })
  await ctx.tx.insert(offerings).values({
    id,
    serviceId,
    locationId,
    tier: 'basic',
    mode: 'onsite',
    unit: 'hour',
    price,
    currency: ctx.currency,
    staffMinutesPerUnit,
    serviceAreaIds: [],
    languages: [],
    state: 'published',
    ...common,
  })
  return id
}

interface ReferralFacts {
  areaId: string
  partnerId: string
  providerId: string
  offeringId: string
  programId?: string | null
  subsidy?: number
  status?: 'in-progress' | 'completed' | 'failed'
  statusReason?: string | null
}

const PARTS = {
  base: 1,
  walking: 0,
  tierFit: 0,
  language: 0,
  affordability: 0,
  caregiverGender: 0,
  sector: 0,
  continuity: 0,
}

/** Somebody, what they need, their match and its referral, begun at the present instant. */
export async function insertReferral(ctx: TransactionContext, facts: ReferralFacts): Promise<string> {
  const [residentId, needId, matchId, id] = [ctx.newId(), ctx.newId(), ctx.newId(), ctx.newId()]
  const { areaId, partnerId, providerId, offeringId, programId = null, subsidy = 0 } = facts
  const { status = 'in-progress', statusReason = null } = facts
  const createdAt = ctx.clock()
  await ctx.tx.insert(residents).values({
    id: residentId,
    organizationId: partnerId,
    referenceHash: residentId.replaceAll('-', '').padEnd(64, '0'),
    referenceSealed: '',
    areaId,
    latitude: 25,
    longitude: 121,
    languages: [],
    createdAt,
  })
  const kind = { category: 'life_care', term: 'day_care', tier: 'basic' } as const
  const wanted = { period: PERIOD, quantity: 100, waitingSince: createdAt, state: 'matched' } as const
  await ctx.tx.insert(needs).values({ id: needId, residentId, ...kind, ...wanted, createdAt })
  const terms = { quantity: 100, price: subsidy, subsidy, copayment: 0, utility: 1 }
  await ctx.tx.insert(matches).values({
    id: matchId,
    needId,
    residentId,
    offeringId,
    programId,
    ...terms,
    parts: PARTS as typeof matches.$inferInsert.parts,
    state: 'approved',
  })
  const parties = { residentId, providerId, partnerId, quantity: 100 }
  const times = { startedAt: createdAt, createdAt, changedAt: createdAt }
  await ctx.tx.insert(referrals).values({ id, matchId, ...parties, status, statusReason, ...times })
  return id
}

interface DeliveryFacts {
  units?: number
  deliveredAt?: Date
  state?: 'recorded' | 'annulled'
}

export async function insertDelivery(
  ctx: TransactionContext,
  referralId: string,
  { units = 1, deliveredAt = ctx.clock(), state = 'recorded' }: DeliveryFacts = {},
): Promise<string> {
  const id = ctx.newId()
  const cost = { subsidy: 0, copayment: 0 }
  const createdAt = ctx.clock()
  await ctx.tx.insert(deliveries).values({ id, referralId, units, deliveredAt, state, ...cost, createdAt })
  return id
}
