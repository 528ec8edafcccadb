/** Random catalogs, changes of them, and questions to them, over a vocabulary small enough that most questions hit. */
import fc from 'fast-check'
import type { PublishOffering, PublishOfferings } from '../../../src/features/catalog/schemas.ts'
import type { SearchOfferings } from '../../../src/features/search/schemas.ts'

export const PERIOD = '2026-12'
const OTHER_PERIOD = '2027-01'

const CENTER = { latitude: 25.03, longitude: 121.54 }
const NAMES = [
  'Day care',
  'Daycare North',
  'Home bathing',
  'Café für Senioren',
  '日間照顧',
  '日間照顧中心',
  '失智照護',
  'Tai chi',
]
const TERMS = ['day_care', 'bathing', 'tai_chi', 'dementia_care']
const PLACES = ['臺北市大安區', '台北市信義區', 'Riverside Hall', 'Station 7', '浴']
const QUERIES = [
  'day care',
  'daycre',
  'bathing home',
  'cafe',
  'CAFÉ',
  '日間照顧中心',
  '日間',
  '台北',
  '浴',
  'riverside',
  'care 大安',
  'house',
  '7',
  'nothing of this',
]
const RULES = [
  null,
  { fact: 'age', op: 'gte', value: 65 },
  {
    all: [
      { fact: 'careLevel', op: 'gte', value: 2 },
      { fact: 'livesAlone', op: 'eq', value: true },
    ],
  },
  {
    any: [
      { fact: 'incomeClass', op: 'in', value: ['low'] },
      { not: { fact: 'mobility', op: 'eq', value: 'slow' } },
    ],
  },
] as const
const HOURS = [
  null,
  { timeZone: 'Asia/Taipei', weekly: [{ day: 'MO', opens: '09:00', closes: '17:00' }], exceptions: [] },
  { timeZone: 'Europe/Berlin', weekly: [{ day: 'MO', opens: '00:00', closes: '24:00' }], exceptions: [] },
  {
    timeZone: 'Asia/Taipei',
    weekly: [{ day: 'TU', opens: '08:00', closes: '12:00' }],
    exceptions: [{ date: '2026-12-07', intervals: [{ opens: '10:00', closes: '11:00' }] }],
  },
] as const

const CATEGORIES = ['elderly_care', 'medical', 'cultural', 'life_care'] as const
const TIERS = ['basic', 'inclusive', 'personalized'] as const
const MODES = ['onsite', 'home', 'remote'] as const
const PRICE_TYPES = ['fixed', 'per_unit', 'sliding'] as const

/** A few streets, so that several share a point, and both sides of the 180th meridian. */
const point = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -8, max: 8 }))
      .map(([north, east]) => ({
        latitude: CENTER.latitude + north * 0.001,
        longitude: CENTER.longitude + east * 0.0013,
      })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ latitude: 0, longitude: 179.999 }, { latitude: 0, longitude: -179.999 }),
  },
  { weight: 1, arbitrary: fc.constant(null) },
)

/** What can stand in an offering, apart from where it is. */
export const fields: fc.Arbitrary<Omit<PublishOffering, 'locationId'>> = fc.record({
  name: fc.constantFrom(...NAMES),
  category: fc.constantFrom(...CATEGORIES),
  term: fc.constantFrom(...TERMS),
  tier: fc.constantFrom(...TIERS),
  mode: fc.constantFrom(...MODES),
  unit: fc.constantFrom('visit', 'hour'),
  price: fc.integer({ min: 1, max: 9 }),
  priceType: fc.constantFrom(...PRICE_TYPES),
  languages: fc.subarray(['zh', 'zh-Hant', 'nan', 'en']),
  eligibility: fc.constantFrom(...(RULES as unknown as PublishOffering['eligibility'][])),
  hours: fc.constantFrom(...(HOURS as unknown as PublishOffering['hours'][])),
  capacities: fc.constantFrom(
    [],
    [{ period: PERIOD, units: 0 }],
    [{ period: PERIOD, units: 3 }],
    [
      { period: PERIOD, units: 3, status: 'waitlist' as const },
      { period: OTHER_PERIOD, units: 1 },
    ],
  ),
}) as fc.Arbitrary<Omit<PublishOffering, 'locationId'>>

/** An import of so many locations and offerings for one of the organizations each. */
export function importOf(size: number, organizations: readonly string[], areas: readonly string[]) {
  const location = (at: number) =>
    fc.record({
      organizationId: fc.constantFrom(...organizations),
      sourceRef: fc.constant(`L${at}`),
      name: fc.constantFrom(...PLACES),
      address: fc.constantFrom(...PLACES),
      areaId: fc.option(fc.constantFrom(...areas)),
      point,
      visibility: fc.constantFrom('public' as const, 'public' as const, null, 'confidential' as const),
      addressOf: fc.constantFrom('station' as const, 'person' as const),
    })
  return fc
    .tuple(
      fc.tuple(...Array.from({ length: Math.ceil(size / 3) }, (_, at) => location(at))),
      fc.array(fields, { minLength: size, maxLength: size }),
      fc.array(fc.nat(Math.ceil(size / 3) - 1), { minLength: size, maxLength: size }),
    )
    .map(([locations, all, where]) => ({
      locations,
      offerings: all.map((one, at) => {
        const { organizationId, sourceRef } = locations[where[at]!]!
        return { ...one, organizationId, sourceRef: `O${at}`, locationRef: sourceRef }
      }),
    })) as fc.Arbitrary<PublishOfferings>
}

const near = fc.record({
  near: fc.constantFrom(
    CENTER,
    { latitude: CENTER.latitude + 0.0005, longitude: CENTER.longitude - 0.002 },
    { latitude: 0, longitude: 180 },
    { latitude: 0, longitude: -179.9995 },
  ),
  minutes: fc.constantFrom(1, 5, 15, 60),
})

/** Every kind of question, most of them with two or three filters. */
export function questions(
  organizations: readonly string[],
  areas: readonly string[],
): fc.Arbitrary<SearchOfferings> {
  const seldom = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 1, nil: undefined })
  return fc
    .record({
      q: fc.option(fc.constantFrom(...QUERIES), { nil: undefined }),
      category: seldom(fc.constantFrom(...CATEGORIES)),
      term: seldom(fc.constantFrom(...TERMS)),
      tier: seldom(fc.constantFrom(...TIERS)),
      mode: seldom(fc.constantFrom(...MODES)),
      sector: seldom(fc.constantFrom('ngo' as const, 'market' as const)),
      organizationId: seldom(fc.constantFrom(...organizations)),
      areaId: seldom(fc.constantFrom(...areas)),
      state: seldom(fc.constantFrom('published' as const, 'withdrawn' as const)),
      priceType: seldom(fc.constantFrom(...PRICE_TYPES)),
      maxPrice: seldom(fc.integer({ min: 0, max: 9 })),
      language: seldom(fc.constantFrom('zh', 'zh-Hant', 'nan', 'fr')),
      openAt: seldom(
        fc.constantFrom('2026-12-07T02:30:00Z', '2026-12-08T00:00:00Z', '2026-12-14T09:00:00+08:00'),
      ),
      freeIn: seldom(fc.constantFrom(PERIOD, OTHER_PERIOD)),
      place: fc.option(near, { nil: undefined }),
      age: seldom(fc.constantFrom(60, 70)),
      careLevel: seldom(fc.constantFrom(0, 5)),
      incomeClass: seldom(fc.constantFrom('low' as const, 'general' as const)),
      mobility: seldom(fc.constantFrom('slow' as const, 'independent' as const)),
      livesAlone: seldom(fc.boolean()),
      includeUnknown: fc.boolean(),
      limit: fc.constantFrom(1, 3, 7, 50, 200),
    })
    .map(({ place, ...question }) => {
      const given = Object.entries({ ...question, ...place }).filter(([, value]) => value !== undefined)
      return Object.fromEntries(given) as SearchOfferings
    })
}
