/** Random offerings as providers publish them, every field of them. */
import fc from 'fast-check'
import type { CreateLocation } from '../../../src/features/catalog/location-schemas.ts'
import type { PublishOffering } from '../../../src/features/catalog/schemas.ts'
import type { Rule } from '../../../src/features/policies/eligibility.ts'

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map((text) => `${text.replaceAll('\0', '')}x`.trim())
  .filter((text) => text.length <= 100)

const comparison: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({
    fact: fc.constantFrom('age' as const, 'careLevel' as const),
    op: fc.constantFrom('lt' as const, 'gte' as const),
    value: fc.integer({ min: 0, max: 99 }),
  }),
  fc.record({
    fact: fc.constant('incomeClass' as const),
    op: fc.constant('in' as const),
    value: fc.array(fc.constantFrom('low', 'lower_middle'), { minLength: 1 }),
  }),
  fc.record({
    fact: fc.constant('livesAlone' as const),
    op: fc.constant('eq' as const),
    value: fc.boolean(),
  }),
)

export const rule: fc.Arbitrary<Rule> = fc.oneof(
  comparison,
  fc.array(comparison, { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
  fc.array(comparison, { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
  comparison.map((not) => ({ not })),
)

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** Intervals of one day, in order; some touch, none overlap. */
const intervals = fc.uniqueArray(fc.nat({ max: 1440 }), { minLength: 2, maxLength: 6 }).map((minutes) => {
  const inOrder = minutes.sort((a, b) => a - b)
  return inOrder.flatMap((opens, at) => {
    const closes = inOrder[at + 1]
    return closes === undefined || at % 3 === 2 ? [] : [{ opens: clock(opens), closes: clock(closes) }]
  })
})

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
const date = fc.integer({ min: 0, max: 700 }).map((days) => {
  const at = new Date(Date.UTC(2026, 10, 1 + days))
  return at.toISOString().slice(0, 10)
})

const NEVER: typeof intervals = fc.constant([])

export const hours = fc.record({
  timeZone: fc.constantFrom('Asia/Taipei', 'Europe/Berlin', 'UTC', 'Asia/Kathmandu'),
  weekly: fc
    .uniqueArray(fc.constantFrom(...DAYS), { maxLength: 7 })
    .chain((days) =>
      fc.tuple(...days.map((day) => intervals.map((all) => all.map((one) => ({ day, ...one }))))),
    )
    .map((days) => days.flat()),
  exceptions: fc.uniqueArray(fc.record({ date, intervals: fc.oneof(NEVER, intervals) }), {
    maxLength: 5,
    selector: (one) => one.date,
  }),
})

const option = fc.record({
  name,
  price: fc.nat({ max: 100_000 }),
  eligibility: fc.option(rule),
})

const prices = fc
  .record({
    price: fc.nat({ max: 100_000 }),
    options: fc.uniqueArray(option, { maxLength: 3, selector: (one) => one.name }),
    above: fc.option(fc.nat({ max: 1000 })),
    type: fc.constantFrom('fixed' as const, 'per_unit' as const, 'sliding' as const),
    isFree: fc.boolean(),
  })
  .map(({ price, options, above, type, isFree }) => {
    if (isFree) return { price: 0, priceType: 'free' as const, priceCeiling: above, priceOptions: [] }
    const most = Math.max(price, ...options.map((one) => one.price))
    const priceCeiling = above === null ? null : most + above
    return { price, priceType: type, priceCeiling, priceOptions: options }
  })

const STATUS = ['capacity', 'no-capacity', 'waitlist', 'additional-assessment-required'] as const
const capacities = fc.uniqueArray(
  fc
    .record({
      period: fc.constantFrom('2026-12', '2027-01', '2027-05'),
      units: fc.nat({ max: 500 }),
      share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      status: fc.constantFrom(...STATUS),
    })
    .map(({ share, ...rest }) => ({
      ...rest,
      funded: share === null ? null : Math.floor(rest.units * share),
    })),
  { maxLength: 3, selector: (one) => one.period },
)

/** Without the location, whose id is known only once it is there; areas by their code. */
export const offering: fc.Arbitrary<
  Omit<PublishOffering, 'locationId' | 'serviceAreaIds'> & { areas: ('north' | 'south')[] }
> = fc
  .record({
    name,
    category: fc.constantFrom('elderly_care', 'medical', 'cultural', 'life_care'),
    term: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/),
    tier: fc.constantFrom('basic', 'inclusive', 'personalized'),
    mode: fc.constantFrom('onsite', 'home', 'remote'),
    unit: fc.constantFrom('visit', 'hour', 'day', 'meal', 'month'),
    prices,
    staffMinutesPerUnit: fc.nat({ max: 600 }),
    areas: fc.uniqueArray(fc.constantFrom('north' as const, 'south' as const)),
    eligibility: fc.option(rule),
    languages: fc.uniqueArray(fc.constantFrom('zh', 'nan', 'zh-Hant', 'en'), { minLength: 1 }),
    caregiverGenders: fc.uniqueArray(fc.constantFrom('female' as const, 'male' as const)),
    hours: fc.option(hours),
    capacities,
  } as const)
  .map(({ prices, ...rest }) => ({ ...rest, ...prices }) as never)

export const location: fc.Arbitrary<CreateLocation> = fc.record({
  name,
  address: name,
  point: fc.option(
    fc.record({
      latitude: fc.double({ min: -89, max: 89, noNaN: true }).filter((degrees) => degrees !== 0),
      longitude: fc.double({ min: -179, max: 179, noNaN: true }),
    }),
  ),
  visibility: fc.option(fc.constantFrom('public' as const, 'confidential' as const)),
  addressOf: fc.constantFrom('station' as const, 'person' as const),
})
