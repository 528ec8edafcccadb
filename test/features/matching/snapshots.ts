/** Snapshots small enough to reckon by hand, and random ones. */
import fc from 'fast-check'
import type {
  Snapshot,
  SnapshotNeed,
  SnapshotOffering,
  SnapshotProgram,
  SnapshotResident,
} from '../../../src/features/matching/snapshot.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import type { PolicyDocument } from '../../../src/features/policies/schemas.ts'

export const POLICY: PolicyDocument = DEFAULT_POLICY.document

/** A point so many meters north of home. */
export const HOME = { latitude: 25.03, longitude: 121.54 }
export const metersNorth = (meters: number) => ({
  latitude: HOME.latitude + meters / 111_194.93,
  longitude: HOME.longitude,
})

/** Who lives in the north, knows all facts, and has 1000 in the wallet. */
export function resident(more: Partial<SnapshotResident> = {}): SnapshotResident {
  return {
    id: 'r1',
    areaId: 'north',
    point: HOME,
    languages: ['zh'],
    facts: { age: 78, mobility: 'independent', careLevel: 0, incomeClass: 'general', livesAlone: false },
    statistics: { incomeClass: 'general' },
    wallet: { accountId: 'wallet-r1', available: 1000 },
    ...more,
  }
}

export function need(more: Partial<SnapshotNeed> = {}): SnapshotNeed {
  return {
    id: 'n1',
    residentId: 'r1',
    category: 'elderly_care',
    term: 'day_care',
    tier: 'basic',
    quantity: 1,
    unit: null,
    neededBy: null,
    acceptableHours: null,
    preferences: {},
    refusals: {},
    lastProviderId: null,
    maxWalkingMinutes: null,
    waitingDays: 0,
    priority: 'standard',
    ...more,
  }
}

/** At home's door, for 100 a unit, with ten places. */
export function offering(more: Partial<SnapshotOffering> = {}): SnapshotOffering {
  const id = more.id ?? 'o1'
  return {
    id,
    organizationId: 'provider',
    sector: 'market',
    category: 'elderly_care',
    term: 'day_care',
    tier: 'basic',
    mode: 'onsite',
    point: HOME,
    serviceAreaIds: [],
    price: 100,
    unit: 'day',
    staffMinutesPerUnit: 0,
    languages: [],
    caregiverGenders: [],
    hours: null,
    eligibility: null,
    capacity: { accountId: `capacity-${id}`, available: 10, limit: 10 },
    staffTime: null,
    ...more,
  }
}

/** Pays half of everything in the district. */
export function program(more: Partial<SnapshotProgram> = {}): SnapshotProgram {
  const id = more.id ?? 'p1'
  return {
    id,
    name: id,
    areaId: 'district',
    categories: ['elderly_care', 'medical', 'cultural', 'life_care'],
    tiers: ['basic', 'inclusive', 'personalized'],
    eligibility: null,
    subsidyShare: 5000,
    subsidyFixed: 0,
    subsidyOrder: 'share_first',
    priceCeiling: null,
    unitCap: null,
    residentCap: null,
    fund: { accountId: `fund-${id}`, available: 10_000, limit: 10_000 },
    ...more,
  }
}

/** One resident with one need and one offering in a district of two communities. */
export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    period: '2026-12',
    today: '2026-11-30',
    policy: POLICY,
    parents: { district: null, north: 'district', south: 'district' },
    residents: [resident()],
    needs: [need()],
    offerings: [offering()],
    programs: [],
    drawn: {},
    ...more,
  }
}

const amount = (max: number) => fc.integer({ min: 0, max })
const TIERS = ['basic', 'inclusive', 'personalized'] as const
const TERMS = ['day_care', 'bathing'] as const

const INCOME_CLASSES = ['low', 'lower_middle', 'general'] as const

/** The one, and one time in four something else. */
const mostly = <One, Other>(one: One, other: fc.Arbitrary<Other>): fc.Arbitrary<One | Other> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(one) }, { weight: 1, arbitrary: other })

const minute = fc.integer({ min: 0, max: 96 }).map((quarters) => quarters * 15)
const timeOf = (at: number) =>
  `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`

/** From quarter to quarter of an hour, up to the day's end. */
export const interval = fc
  .tuple(minute, minute)
  .filter(([one, other]) => one !== other)
  .map(([one, other]) => ({ opens: timeOf(Math.min(one, other)), closes: timeOf(Math.max(one, other)) }))

export const weeklyHours = (minLength: number) =>
  fc.array(
    fc
      .tuple(fc.constantFrom('MO' as const, 'TU' as const, 'SA' as const), interval)
      .map(([day, times]) => ({ day, ...times })),
    { minLength, maxLength: 5 },
  )

const randomResident = (index: number) =>
  fc
    .record({
      areaId: fc.constantFrom('north', 'south'),
      point: fc.option(amount(1500).map(metersNorth), { freq: 5 }),
      languages: fc.subarray(['zh', 'nan']),
      facts: fc.record(
        {
          age: amount(100),
          careLevel: amount(8),
          mobility: fc.constantFrom('independent', 'slow'),
          incomeClass: fc.constantFrom(...INCOME_CLASSES),
          livesAlone: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      id: fc.constant(`r${index}`),
      wallet: fc.option(amount(600).map((available) => ({ accountId: `wallet-r${index}`, available }))),
      counted: fc.option(fc.constantFrom(...INCOME_CLASSES)),
      coolingOff: mostly(
        null,
        fc.record({
          offeringIds: fc.subarray(['o0', 'o2', 'o3']),
          organizationIds: fc.subarray(['b', 'c']),
        }),
      ),
    })
    .map(({ counted, coolingOff, ...facts }): SnapshotResident => {
      const statistics = counted ? { statistics: { incomeClass: counted } } : {}
      return { ...facts, ...statistics, ...(coolingOff ? { coolingOff } : {}) }
    })

const randomNeed = (index: number, residents: number) =>
  fc.record({
    id: fc.constant(`n${index}`),
    residentId: fc.integer({ min: 0, max: residents - 1 }).map((at) => `r${at}`),
    category: fc.constant('elderly_care' as const),
    term: fc.constantFrom(...TERMS),
    tier: fc.constantFrom(...TIERS),
    quantity: fc.integer({ min: 1, max: 4 }),
    unit: mostly(null, fc.constantFrom('hour' as const, 'day' as const)),
    neededBy: mostly(null, fc.constantFrom('2026-11-29', '2026-12-02', '2026-12-20')),
    acceptableHours: mostly(null, weeklyHours(1)),
    preferences: fc.record(
      {
        language: fc.constantFrom('zh', 'en'),
        caregiverGender: fc.constantFrom('female' as const, 'male' as const),
        sector: fc.constantFrom('ngo' as const, 'market' as const),
        keepProvider: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    refusals: mostly(
      {},
      fc.record(
        {
          organizationIds: fc.subarray(['a', 'c']),
          offeringIds: fc.subarray(['o0', 'o1']),
          sectors: fc.subarray(['ngo' as const, 'joint' as const]),
          caregiverGenders: fc.subarray(['female' as const, 'male' as const]),
        },
        { requiredKeys: [] },
      ),
    ),
    lastProviderId: fc.constantFrom(null, 'a', 'b'),
    maxWalkingMinutes: fc.option(fc.integer({ min: 1, max: 30 })),
    waitingDays: amount(200),
    priority: mostly(
      'standard' as const,
      fc.constantFrom('urgent' as const, 'high' as const, 'medium' as const),
    ),
  })

const randomOffering = (index: number) =>
  fc
    .record({
      term: fc.constantFrom(...TERMS),
      tier: fc.constantFrom(...TIERS),
      mode: fc.constantFrom('onsite' as const, 'home' as const, 'remote' as const),
      point: fc.option(amount(1500).map(metersNorth), { freq: 5 }),
      serviceAreaIds: fc.subarray(['district', 'north', 'south'], { maxLength: 1 }),
      price: amount(300),
      staffMinutesPerUnit: fc.constantFrom(0, 0, 10, 30),
      languages: fc.subarray(['zh', 'en']),
      sector: fc.constantFrom(null, 'ngo' as const, 'market' as const),
      unit: mostly('day' as const, fc.constantFrom('hour' as const, 'visit' as const)),
      caregiverGenders: fc.subarray(['female' as const, 'male' as const]),
      hours: fc.option(
        fc.record({
          timeZone: fc.constant('UTC'),
          weekly: weeklyHours(0),
          exceptions: fc.subarray([{ date: '2026-12-01', intervals: [] }]),
        }),
      ),
      eligibility: fc.constantFrom(null, { fact: 'age' as const, op: 'gte' as const, value: 65 }),
      places: amount(8),
      used: amount(3),
      provider: fc.constantFrom('a', 'b'),
    })
    .map(({ places, used, provider, ...fields }) =>
      offering({
        id: `o${index}`,
        ...fields,
        organizationId: provider,
        capacity: { accountId: `capacity-o${index}`, available: places, limit: places + used },
        staffTime: fields.staffMinutesPerUnit > 0 ? { accountId: `staff-${provider}`, available: 90 } : null,
      }),
    )

const randomProgram = (index: number) =>
  fc
    .record({
      areaId: fc.constantFrom('district', 'north'),
      tiers: fc.subarray([...TIERS], { minLength: 1 }),
      subsidyShare: amount(10_000),
      subsidyFixed: fc.oneof({ arbitrary: fc.constant(0), weight: 2 }, amount(40)),
      subsidyOrder: fc.constantFrom('share_first', 'fixed_first'),
      priceCeiling: fc.option(amount(150)),
      unitCap: fc.option(amount(150)),
      residentCap: fc.option(amount(300)),
      left: amount(800),
      used: amount(100),
    })
    .map(({ left, used, ...fields }) =>
      program({
        id: `p${index}`,
        ...fields,
        fund: { accountId: `fund-p${index}`, available: left, limit: left + used },
      }),
    )

function several<T>(most: number, item: (index: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return amount(most).chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => item(index))))
}

/** Up to six residents, ten needs, six offerings of two providers, and three programs, in either order of tiers. */
export const randomSnapshot: fc.Arbitrary<Snapshot> = fc
  .integer({ min: 1, max: 6 })
  .chain((residents) =>
    fc.record({
      policy: fc.constantFrom(POLICY, { ...POLICY, order: 'by_tier' as const }),
      residents: fc.tuple(...Array.from({ length: residents }, (_, index) => randomResident(index))),
      needs: several(10, (index) => randomNeed(index, residents)),
      offerings: several(6, randomOffering),
      programs: several(3, randomProgram),
      drawn: fc.dictionary(fc.constantFrom('p0 r0', 'p1 r0', 'p0 r1'), fc.integer({ min: 1, max: 200 })),
    }),
  )
  .map((parts) => snapshot(parts))
