/**
 * What /hsds takes and gives: the parameters of HSDS 3.1's API and of the UK profile's, alike in a query and in a JSON
 * body, and the envelope of a page.
 */
import { z } from '@hono/zod-openapi'

/** Queries carry text, bodies carry values: both are taken in both. */
const fromText = <T extends z.ZodType>(pattern: RegExp, read: (text: string) => unknown, schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && pattern.test(value) ? read(value) : value), schema)

const Flag = fromText(/^(true|false)$/, (text) => text === 'true', z.boolean('true or false is expected'))

const whole = (min: number, max: number) =>
  fromText(
    /^-?\d{1,15}$/,
    Number,
    z
      .int('a whole number is expected')
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`),
  )

const decimal = (min: number, max: number) =>
  fromText(
    /^-?\d{1,9}(\.\d{1,9})?$/,
    Number,
    z.number('a number is expected').min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
  )

const Id = z.guid('a uuid is expected')

/** NUL cannot be stored, so it cannot be found either; PostgreSQL refuses to be asked for it. */
const Words = z
  .string()
  .max(200)
  .refine((text) => !text.includes('\0'), 'must not hold NUL')

const Instant = z
  .union(
    [z.iso.datetime({ offset: true, local: true }), z.iso.date()],
    'a date, or a date with a time, is expected',
  )
  .openapi({ type: 'string', format: 'date-time', example: '2026-12-01T08:00:00Z' })

/** Items of a page, unless the caller says: the standard sets no number. */
export const PAGE = 50
const MAX_PAGE = 500
/** With `minimal`, whose items are two fields, the standard wants all services in one answer. */
export const MAX_MINIMAL_PAGE = 100_000
const MAX_METERS = 20_100_000

const paging = {
  page: whole(1, 1_000_000_000).default(1).openapi({ description: 'Which page; the first is 1' }),
  per_page: whole(1, MAX_PAGE)
    .default(PAGE)
    .openapi({ description: `Items of a page: 1 to ${MAX_PAGE}` }),
  format: z.enum(['json', 'ndjson'], 'json or ndjson is expected').default('json').openapi({
    description: 'With `ndjson` all results come as one stream, one object a line, without pages',
  }),
}

const search = Words.optional().openapi({
  description:
    'Words that must all occur in names, alternate names or descriptions; upper and lower case are alike',
})
const full = Flag.default(false).openapi({ description: 'Nest everything that is said of each item' })
const modified_after = Instant.optional().openapi({
  description: 'Only what was modified then or later, by the `last_modified` that the answer shows',
})
const taxonomies = {
  taxonomy_term_id: Id.optional().openapi({ description: 'Only what is classified by this term' }),
  taxonomy_id: Id.optional().openapi({ description: 'Only what is classified by any term of this taxonomy' }),
}
const organization_id = Id.optional().openapi({ description: 'Only services of this organization' })
const places = {
  postcode: Words.min(1).max(20).optional().openapi({
    description:
      'Only what serves this postal code: by service areas that name postal codes, and where there are none, by address',
  }),
  proximity: decimal(0, MAX_METERS).optional().openapi({
    description:
      'With `postcode`: only what is within so many meters of the middle of the addresses known there',
  }),
}

const proximityNeedsPostcode = <T extends { proximity?: number | undefined; postcode?: string | undefined }>(
  given: T,
) => given.proximity === undefined || given.postcode !== undefined
const NEEDS_POSTCODE = { path: ['proximity'], message: 'needs a postcode to measure from' }

export const ServicesQuery = z
  .strictObject({
    search,
    ...paging,
    per_page: whole(1, MAX_MINIMAL_PAGE)
      .optional()
      .openapi({
        description: `Items of a page: 1 to ${MAX_PAGE}, by default ${PAGE}; with \`minimal\` 1 to ${MAX_MINIMAL_PAGE}, by default that many`,
      }),
    ...taxonomies,
    organization_id,
    modified_after,
    minimal: Flag.default(false).openapi({ description: 'Only `id` and `last_modified` of each' }),
    full,
  })
  .refine(({ minimal, per_page = 1 }) => minimal || per_page <= MAX_PAGE || per_page > MAX_MINIMAL_PAGE, {
    path: ['per_page'],
    message: `must be at most ${MAX_PAGE}`,
  })
export type ServicesQuery = z.infer<typeof ServicesQuery>

export const OrganizationsQuery = z.strictObject({
  search,
  full_service: Flag.default(false).openapi({
    description: 'As `full`, with services as in `/services/{id}`',
  }),
  full: full.openapi({ description: 'Nest everything, with services as in the list of services' }),
  ...taxonomies,
  ...paging,
})
export type OrganizationsQuery = z.infer<typeof OrganizationsQuery>

export const OrganizationQuery = z.strictObject({ full_service: OrganizationsQuery.shape.full_service })
export type OrganizationQuery = z.infer<typeof OrganizationQuery>

const atLocations = { search, ...taxonomies, organization_id, modified_after, full, ...paging, ...places }
export const ServicesAtLocationsQuery = z
  .strictObject(atLocations)
  .refine(proximityNeedsPostcode, NEEDS_POSTCODE)
export type ServicesAtLocationsQuery = z.infer<typeof ServicesAtLocationsQuery>

export const TaxonomiesQuery = z.strictObject({ search, ...paging })
export type TaxonomiesQuery = z.infer<typeof TaxonomiesQuery>

export const TaxonomyTermsQuery = z.strictObject({
  search,
  ...paging,
  taxonomy_id: Id.optional().openapi({ description: 'Only terms of this taxonomy' }),
  top_only: Flag.default(false).openapi({
    description:
      'Only terms at the top: those with no parent. (The text of HSDS 3.1 reads «that have not child terms»)',
  }),
  parent_id: Id.optional().openapi({ description: 'Only terms right below this one' }),
})
export type TaxonomyTermsQuery = z.infer<typeof TaxonomyTermsQuery>

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const

/** «Monday», «mon» and «MO» are the same day. */
const Day = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.trim().slice(0, 2).toUpperCase() : value),
    z.enum(DAYS, 'a day of the week such as MO or Monday is expected'),
  )
  .openapi({ type: 'string', example: 'MO' })

const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'a time of day such as 09:30 is expected')

const ofUk = {
  minimum_age: decimal(0, 1000)
    .optional()
    .openapi({ description: 'Only services from this age or a higher one' }),
  maximum_age: decimal(0, 1000)
    .optional()
    .openapi({ description: 'Only services up to this age or a lower one' }),
  start_time: TimeOfDay.optional().openapi({ description: 'Only services that open then or later' }),
  end_time: TimeOfDay.optional().openapi({ description: 'Only services that close then or earlier' }),
  day: Day.optional().openapi({ description: 'Only services that are open on this day of the week' }),
}

export const UkServicesQuery = z.strictObject({ search, ...paging, ...taxonomies, ...ofUk })
export type UkServicesQuery = z.infer<typeof UkServicesQuery>

export const UkServicesAtLocationsQuery = z
  .strictObject({ search, ...paging, ...taxonomies, ...ofUk, ...places })
  .refine(proximityNeedsPostcode, NEEDS_POSTCODE)
export type UkServicesAtLocationsQuery = z.infer<typeof UkServicesAtLocationsQuery>

export const UkTaxonomiesQuery = z.strictObject(paging)
export type UkTaxonomiesQuery = z.infer<typeof UkTaxonomiesQuery>

/** An HSDS object. Its fields are those of the schemas that this deployment serves under /hsds/schema. */
export const HsdsObject = z
  .looseObject({ id: z.guid() })
  .openapi('HsdsObject', { description: 'As one of the schemas under /hsds/schema says' })

export const HsdsPage = z
  .object({
    total_items: z.int().openapi({ description: 'Items on all pages' }),
    total_pages: z.int(),
    page_number: z.int(),
    size: z.int().openapi({ description: 'Items on this page' }),
    first_page: z.boolean(),
    last_page: z.boolean(),
    empty: z.boolean(),
    contents: z.array(HsdsObject),
  })
  .openapi('HsdsPage')

export const HsdsDirectory = z
  .object({
    version: z.string().openapi({ description: 'Version of HSDS', example: '3.1' }),
    profile: z.url().openapi({ description: 'Where the profile is described that the answers follow' }),
    openapi_url: z.url(),
    publisher: z.object({ name: z.string(), url: z.url() }),
  })
  .openapi('HsdsDirectory')
export type HsdsDirectory = z.infer<typeof HsdsDirectory>

/** A JSON document whose form a standard defines: a schema, a patch of one, a data package. */
export const JsonDocument = z.record(z.string(), z.unknown()).openapi('JsonDocument')
