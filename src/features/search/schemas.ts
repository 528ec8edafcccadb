import { z } from '@hono/zod-openapi'
import { Period } from '../../platform/period.ts'
import { Text } from '../../platform/text.ts'
import { PriceType } from '../catalog/price-schemas.ts'
import { Mode, Offering, OfferingState, Term } from '../catalog/schemas.ts'
import { Mobility, Point } from '../communities/schemas.ts'
import { Sector } from '../identity/schemas.ts'
import { Category, Tier } from '../policies/schemas.ts'
import { orderOf, readCursor } from './cursor.ts'
import { wordsOf } from './text-tokens.ts'

/** Words of one query; each looks through the whole index. */
const MOST_WORDS = 10

const Words = Text(100)
  .refine((text) => text === '' || wordsOf(text).length > 0, 'has no word to look for')
  .refine((text) => wordsOf(text).length <= MOST_WORDS, `has more than ${MOST_WORDS} words`)
  .openapi({
    description:
      'Words in the name, the term, the organization or the place, all of them; English or Chinese, forgiving slips',
    example: 'day care',
  })

const LanguageTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as zh-Hant')
  .openapi({ description: '`zh` finds `zh-Hant` too', example: 'zh' })

/** As residents have it; theirs is a feature to the right. A test keeps the two alike. */
export const IncomeClass = z.enum(['low', 'lower_middle', 'general'])

const filters = {
  q: Words.optional(),
  category: Category.optional(),
  term: Term.optional(),
  tier: Tier.optional(),
  mode: Mode.optional(),
  sector: Sector.optional(),
  organizationId: z.uuid().optional(),
  areaId: z.uuid().optional().openapi({ description: 'Only at locations in this area or a part of it' }),
  state: OfferingState.optional(),
  priceType: PriceType.optional(),
  language: LanguageTag.optional(),
  openAt: z.iso
    .datetime({ offset: true })
    .optional()
    .openapi({ description: 'Open at this instant; where no hours are known, it is not' }),
  freeIn: Period.optional().openapi({ description: 'With units left in this month, by the ledger' }),
  incomeClass: IncomeClass.optional(),
  mobility: Mobility.optional().openapi({
    description: 'A fact for eligibility; also sets the walking speed',
  }),
  cursor: z
    .string()
    .max(300)
    .refine((text) => readCursor(text) !== null, 'is no cursor: take nextCursor of a page as it was given')
    .optional()
    .openapi({ description: '`nextCursor` of the page before, with the same question' }),
}

const MaxPrice = z.number().int().min(0).max(1_000_000_000)
const Minutes = z.number().min(0.1).max(240)
const Age = z.number().int().min(0).max(130)
const CareLevel = z.number().int().min(0).max(8)
const Limit = z.number().int().min(1).max(200)

const about = {
  maxPrice: 'At most this price per unit, in minor units',
  near: 'Within `minutes` on foot of this point, nearest first. To a service the resident walks, to a home the staff do; remote services are not a walk away. Places that are kept confidential are found this way by their provider and the operator only',
  minutes: 'Longest walk; with `near` only',
  age: 'A fact for eligibility, as are careLevel, incomeClass, mobility and livesAlone. With any of them, only offerings are found whose rules the facts fulfill',
  includeUnknown: 'Also find offerings whose rules ask for facts that are not given here',
  limit: 'Most items of a page',
}

const REACH = { path: ['minutes'], message: 'is missing: near needs the longest walk' }
const NO_POINT = { path: ['near'], message: 'is missing: minutes are counted from a point' }
const OTHER_ORDER = { path: ['cursor'], message: 'belongs to a question that is sorted otherwise' }
const goesWithNear = (query: { near?: unknown; minutes?: unknown }) =>
  !query.near || query.minutes !== undefined
const hasPoint = (query: { near?: unknown; minutes?: unknown }) => query.minutes === undefined || !!query.near
const keepsOrder = ({ cursor, ...query }: { cursor?: string | undefined; near?: unknown; q?: unknown }) => {
  const place = cursor === undefined ? null : readCursor(cursor)
  return place === null || place.by === orderOf(query)
}

/** The question in a body, where facts about a person stay out of addresses and logs. */
export const SearchOfferings = z
  .strictObject({
    ...filters,
    maxPrice: MaxPrice.optional().openapi({ description: about.maxPrice }),
    near: Point.optional().openapi({ description: about.near }),
    minutes: Minutes.optional().openapi({ description: about.minutes }),
    age: Age.optional().openapi({ description: about.age }),
    careLevel: CareLevel.optional(),
    livesAlone: z.boolean().optional(),
    includeUnknown: z.boolean().default(false).openapi({ description: about.includeUnknown }),
    limit: Limit.default(50).openapi({ description: about.limit }),
  })
  .refine(goesWithNear, REACH)
  .refine(hasPoint, NO_POINT)
  .refine(keepsOrder, OTHER_ORDER)
  .openapi('SearchOfferings')
export type SearchOfferings = z.input<typeof SearchOfferings>
export type SearchQuestion = z.output<typeof SearchOfferings>

/** A number in an address: digits only, because Number() also takes '', '0x1' and '1e9'. */
function Figure<Schema extends z.ZodType<unknown, number>>(schema: Schema) {
  return z
    .string()
    .regex(/^-?\d{1,10}(\.\d{1,10})?$/, 'a number')
    .transform(Number)
    .pipe(schema)
}

const YesOrNo = z.enum(['true', 'false']).transform((word) => word === 'true')

/** A point as people write it: latitude,longitude. */
const NearText = z
  .string()
  .regex(/^-?\d{1,3}(\.\d{1,15})?,-?\d{1,3}(\.\d{1,15})?$/, 'latitude,longitude such as 25.033,121.543')
  .transform((text) => {
    const [latitude, longitude] = text.split(',').map(Number)
    return { latitude: latitude!, longitude: longitude! }
  })
  .pipe(Point)

const parameter = (
  description: string,
  type: 'number' | 'integer' | 'boolean' | 'string',
  more: object = {},
) => ({
  type,
  param: { description },
  ...more,
})

/** The question in an address. Unknown names are refused: a filter with a typo would find everything. */
export const OfferingsQuery = z
  .strictObject({
    ...filters,
    maxPrice: Figure(MaxPrice).optional().openapi(parameter(about.maxPrice, 'integer')),
    near: NearText.optional().openapi(parameter(about.near, 'string', { example: '25.033,121.543' })),
    minutes: Figure(Minutes).optional().openapi(parameter(about.minutes, 'number')),
    age: Figure(Age).optional().openapi(parameter(about.age, 'integer')),
    careLevel: Figure(CareLevel).optional().openapi(parameter('A fact for eligibility', 'integer')),
    livesAlone: YesOrNo.optional().openapi(parameter('A fact for eligibility', 'boolean')),
    includeUnknown: YesOrNo.optional().openapi(parameter(about.includeUnknown, 'boolean')),
    limit: Figure(Limit).optional().openapi(parameter(about.limit, 'integer')),
  })
  .refine(goesWithNear, REACH)
  .refine(hasPoint, NO_POINT)
  .refine(keepsOrder, OTHER_ORDER)

const FacetCount = z.object({ value: z.string(), count: z.number().int() }).openapi('FacetCount')
const Counts = z.array(FacetCount)

export const Facets = z
  .object({
    category: Counts,
    tier: Counts,
    mode: Counts,
    sector: Counts,
    priceType: Counts,
    term: Counts.openapi({ description: 'The 20 most frequent' }),
  })
  .openapi('Facets', {
    description: 'Results by kind, each counted without the filter on itself; most frequent first',
  })

export const FoundOffering = Offering.extend({
  walkingMinutes: z.number().nullable().openapi({ description: 'Estimated, with `near`; null without' }),
}).openapi('FoundOffering')
export type FoundOffering = z.infer<typeof FoundOffering>

export const FoundOfferings = z
  .object({
    items: z.array(FoundOffering),
    nextCursor: z.string().nullable(),
    total: z.number().int().openapi({ description: 'Results on all pages' }),
    facets: Facets,
  })
  .openapi('FoundOfferings')
export type FoundOfferings = z.infer<typeof FoundOfferings>
