/** More of a marketplace: offerings and residents of all sorts, the same for the same seed. */
import fc from 'fast-check'
import { createLocation } from '../../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../../src/features/catalog/publish-offering.ts'
import type { PublishOffering } from '../../../../src/features/catalog/schemas.ts'
import { matches } from '../../../../src/features/matching/tables.ts'
import { approveProgram } from '../../../../src/features/programs/approve-program.ts'
import { createProgram } from '../../../../src/features/programs/create-program.ts'
import { openProgram } from '../../../../src/features/programs/open-program.ts'
import type { CreateProgram } from '../../../../src/features/programs/schemas.ts'
import { submitProgram } from '../../../../src/features/programs/submit-program.ts'
import { ConsentFact, type RegisterResidents } from '../../../../src/features/residents/schemas.ts'
import { needs } from '../../../../src/features/residents/tables.ts'
import { PERIOD } from '../../referrals/proposed-run.ts'
import { type Marketplace, person, register } from '../marketplace.ts'
import { metersNorth } from '../snapshots.ts'

const TERMS = ['day_care', 'bathing'] as const
const TIERS = ['basic', 'inclusive', 'personalized'] as const
const LANGUAGES = ['zh', 'nan', 'en']
const some = <T>(values: readonly T[]) => fc.subarray([...values])

const openHours = fc
  .record({ day: fc.constantFrom('MO', 'TU', 'WE'), opens: fc.constantFrom('08:00', '13:00') })
  .map(({ day, opens }) => ({ day, opens, closes: opens === '08:00' ? '12:00' : '18:00' }))
const weekly = fc.uniqueArray(openHours, {
  minLength: 1,
  maxLength: 3,
  selector: ({ day, opens }) => day + opens,
})
const rule = fc.oneof(
  fc.record({
    fact: fc.constant('age' as const),
    op: fc.constant('gte' as const),
    value: fc.integer({ min: 60, max: 90 }),
  }),
  fc.record({
    fact: fc.constant('incomeClass' as const),
    op: fc.constant('in' as const),
    value: fc.constantFrom(['low'], ['low', 'general']),
  }),
)

const randomOffering = fc.record({
  meters: fc.integer({ min: -4000, max: 4000 }),
  isPlaced: fc.boolean(),
  term: fc.constantFrom(...TERMS),
  tier: fc.constantFrom(...TIERS),
  mode: fc.constantFrom('onsite', 'onsite', 'home', 'remote'),
  unit: fc.constantFrom('day', 'visit'),
  price: fc.integer({ min: 0, max: 40 }).map((hundreds) => hundreds * 100),
  staffMinutesPerUnit: fc.constantFrom(0, 30),
  areas: fc.constantFrom('none', 'none', 'none', 'district', 'south'),
  languages: some(LANGUAGES),
  caregiverGenders: some(['female', 'male'] as const),
  hours: fc.option(weekly),
  eligibility: fc.option(rule, { freq: 2 }),
  units: fc.integer({ min: 0, max: 4 }),
  status: fc.constantFrom('capacity', 'capacity', 'capacity', 'waitlist'),
  provider: fc.constantFrom('house', 'club', 'helpers'),
})

const randomResident = fc.record({
  meters: fc.integer({ min: -3000, max: 3000 }),
  area: fc.constantFrom('north', 'south'),
  birthYear: fc.integer({ min: 1935, max: 1970 }),
  mobility: fc.constantFrom('independent', 'slow', 'homebound'),
  incomeClass: fc.constantFrom('low', 'general'),
  facts: fc.oneof(fc.constant([...ConsentFact.options]), some(ConsentFact.options)),
  languages: fc.subarray(LANGUAGES, { minLength: 1 }),
  wallet: fc.constantFrom(null, 0, 1500, 20_000),
  needs: fc.uniqueArray(
    fc.record({
      term: fc.constantFrom(...TERMS),
      tier: fc.constantFrom(...TIERS),
      quantity: fc.integer({ min: 1, max: 3 }),
      unit: fc.constantFrom(undefined, undefined, 'day' as const),
      acceptableHours: fc.option(weekly, { nil: undefined }),
      maxWalkingMinutes: fc.option(fc.integer({ min: 5, max: 60 }), { nil: undefined }),
      priority: fc.constantFrom('urgent' as const, 'high' as const, 'medium' as const, 'standard' as const),
      preferences: fc.record(
        { language: fc.constantFrom(...LANGUAGES), keepProvider: fc.boolean(), sector: fc.constant('ngo') },
        { requiredKeys: [] },
      ),
      refusals: fc.record({ caregiverGenders: some(['female', 'male'] as const) }, { requiredKeys: [] }),
    }),
    { minLength: 1, maxLength: 2, selector: ({ term }) => term },
  ),
})

/** As if the club had served everybody's need of the same kind before who would like to keep the provider. */
export async function serveBefore({ world, offerings }: Marketplace): Promise<void> {
  const { root } = world.db
  const { newId } = world.context()
  for (const need of await root.select().from(needs)) {
    if (!need.preferences.keepProvider) continue
    const [earlier] = await root
      .insert(needs)
      .values({ ...need, id: newId(), period: '2026-11', state: 'met' })
      .returning()
    await root.insert(matches).values({
      id: newId(),
      needId: earlier!.id,
      residentId: need.residentId,
      offeringId: offerings.club,
      quantity: 1,
      price: 4000,
      subsidy: 0,
      copayment: 4000,
      walkingMinutes: null,
      utility: 1,
      parts: {
        base: 1,
        walking: 0,
        tierFit: 0,
        language: 0,
        affordability: 0,
        caregiverGender: 0,
        sector: 0,
        continuity: 0,
      },
      state: 'approved',
    })
  }
}

/** Publishes offerings and opens two programs. */
export async function publishRandom(market: Marketplace, seed: number, count: number): Promise<void> {
  for (const one of fc.sample(randomOffering, { seed, numRuns: count })) {
    const { meters, isPlaced, areas, units, status, provider, hours, ...offered } = one
    const ctx = market.as(market.providers[provider as keyof typeof market.providers])
    const areaId = meters < 0 ? market.areas.south : market.areas.north
    const location = await createLocation(ctx, {
      name: 'Place',
      address: 'Road 2',
      areaId,
      ...(isPlaced ? { point: metersNorth(meters) } : {}),
    })
    await publishOffering(ctx, {
      ...offered,
      locationId: location.id,
      name: 'Service',
      category: 'elderly_care',
      serviceAreaIds: areas === 'none' ? [] : [market.areas[areas as 'district' | 'south']],
      ...(hours ? { hours: { timeZone: 'Asia/Taipei', weekly: hours, exceptions: [] } } : {}),
      capacities: [{ period: PERIOD, units, status }],
    } as PublishOffering)
  }
  await openFund(market, {
    areaId: market.areas.south,
    subsidyShare: 6000,
    subsidyFixed: 300,
    subsidyOrder: 'fixed_first',
    priceCeiling: 3000,
    unitCap: 2000,
  })
  await openFund(market, { areaId: market.areas.district, subsidyShare: 3000, residentCap: 1000 })
}

/** Opens a program for all tiers of elderly care. */
export async function openFund(
  market: Marketplace,
  terms: Pick<CreateProgram, 'areaId' | 'subsidyShare'> & Partial<CreateProgram>,
): Promise<string> {
  const { id } = await createProgram(market.as(market.officer), {
    period: PERIOD,
    name: 'Second fund',
    categories: ['elderly_care'],
    tiers: [...TIERS],
    budget: 5000,
    ...terms,
  })
  await submitProgram(market.as(market.officer), { id, expectedVersion: 1 })
  await approveProgram(market.as(market.finance), { id, expectedVersion: 2 })
  await openProgram(market.as(market.officer), { id, expectedVersion: 3 })
  return id
}

export async function registerRandom(market: Marketplace, seed: number, count: number): Promise<void> {
  const residents = fc
    .sample(randomResident, { seed, numRuns: count })
    .map(({ meters, area, wallet, facts, ...more }) =>
      person(market.areas[area as 'north' | 'south'], {
        ...more,
        needs: more.needs.map((need) => ({ period: PERIOD, category: 'elderly_care', ...need })),
        point: metersNorth(meters),
        consents: facts.length > 0 ? [{ purpose: 'matching', facts: [...facts] }] : [],
        wallets: wallet === null ? [] : [{ period: PERIOD, amount: wallet }],
      } as Partial<RegisterResidents['residents'][number]>),
    )
  await register(market, residents)
}
