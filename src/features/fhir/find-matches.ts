/** Which records match a search. Addresses of confidential locations are found by nobody. */
import { and, asc, count, eq, not, or, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { CONFIDENTIAL_IN_SQL } from '../directory/confidential.ts'
import { directoryRecords } from '../directory/tables.ts'
import { WITHHELD_IN_SQL } from '../directory/withheld.ts'
import { instantRange } from './instant-range.ts'
import type { Criterion, ResourceSearch } from './parse-search.ts'
import { KIND_OF, type ResourceType } from './resource-types.ts'

/** What one value of a criterion asks of a row of `directory_records`. */
type Condition = (value: string, modifier: string | null) => SQL

/** How many records match. */
export async function countMatches(
  ctx: Context,
  type: ResourceType,
  criteria: readonly Criterion[],
): Promise<number> {
  const [row] = await query(ctx)
    .select({ total: count() })
    .from(directoryRecords)
    .where(conditionOf(type, criteria))
  return row!.total
}

/** Ids of one page of the matches, in order of arrival. */
export async function findMatches(
  ctx: Context,
  type: ResourceType,
  { criteria, page, count: size }: ResourceSearch,
): Promise<string[]> {
  const rows = await query(ctx)
    .select({ id: directoryRecords.id })
    .from(directoryRecords)
    .where(conditionOf(type, criteria))
    .orderBy(asc(directoryRecords.position))
    .limit(size)
    .offset((page - 1) * size)
  return rows.map(({ id }) => id)
}

/** All criteria together: each of them holds by one of its values. */
function conditionOf(type: ResourceType, criteria: readonly Criterion[]): SQL | undefined {
  return and(
    eq(directoryRecords.kind, KIND_OF[type]),
    sql.raw(`not ${WITHHELD_IN_SQL}`),
    ...criteria.map(({ name, modifier, values }) => {
      const condition = CONDITIONS[type][name]!
      const any = or(...values.map((value) => condition(value, modifier)))!
      return modifier === 'not' ? not(any) : any
    }),
  )
}

const FIELDS = sql.raw('directory_records.fields')
const ID = sql.raw('directory_records.id')
const PUBLIC = sql.raw(`not ${CONFIDENTIAL_IN_SQL}`)

/** FHIR's strings: the beginning, in any case; `contains` anywhere; `exact` the very text. */
function matches(field: SQL, value: string, modifier: string | null): SQL {
  if (modifier === 'exact') return sql`${field} = ${value}`
  const escaped = value.replace(/[\\%_]/g, '\\$&')
  return sql`${field} ilike ${modifier === 'contains' ? `%${escaped}%` : `${escaped}%`}`
}

const named: Condition = (value, modifier) =>
  or(
    matches(sql`${FIELDS}->>'name'`, value, modifier),
    matches(sql`${FIELDS}->>'alternate_name'`, value, modifier),
  )!

const isId: Condition = (value) => sql`${ID}::text = ${value.toLowerCase()}`

const isUpdated: Condition = (value) => {
  const at = sql.raw('directory_records.modified_at')
  const { prefix, from, until } = instantRange(value)
  if (prefix === 'gt' || prefix === 'sa') return sql`${at} >= ${until.toISOString()}::timestamptz`
  if (prefix === 'ge') return sql`${at} >= ${from.toISOString()}::timestamptz`
  if (prefix === 'lt' || prefix === 'eb') return sql`${at} < ${from.toISOString()}::timestamptz`
  if (prefix === 'le') return sql`${at} < ${until.toISOString()}::timestamptz`
  const within = sql`(${at} >= ${from.toISOString()}::timestamptz and ${at} < ${until.toISOString()}::timestamptz)`
  return prefix === 'ne' ? sql`not ${within}` : within
}

/** `Organization/<id>`, an absolute address that ends so, or the id alone. */
const linksTo =
  (column: string): Condition =>
  (value) =>
    sql`${sql.raw(`directory_records.${column}`)}::text = ${value.split('/').at(-1)!.toLowerCase()}`

/** `system|code`, `|code` or `code`: here the code decides. */
const codeOf = (token: string) => token.split('|').at(-1)!

const truth =
  (holds: SQL): Condition =>
  (value) => {
    const code = codeOf(value)
    if (code === 'true') return holds
    return code === 'false' ? sql`not coalesce(${holds}, false)` : sql`false`
  }

const ADDRESS_FIELDS: Record<string, readonly string[]> = {
  address: ['address_1', 'address_2', 'city', 'region', 'state_province', 'postal_code', 'country'],
  'address-city': ['city'],
  'address-state': ['state_province'],
  'address-postalcode': ['postal_code'],
  'address-country': ['country'],
}

/** Conditions on the addresses of the locations that `owner` selects. */
function addressed(owner: SQL): Record<string, Condition> {
  const entries = Object.entries(ADDRESS_FIELDS).map(([name, fields]): [string, Condition] => [
    name,
    (value, modifier) => {
      const hits = fields.map((field) => matches(sql.raw(`address.fields->>'${field}'`), value, modifier))
      return sql`exists (select 1 from directory_records address
        join directory_records location on location.kind = 'location' and location.id = address.location_id
        where address.kind = 'address' and ${owner} and ${PUBLIC} and (${or(...hits)}))`
    },
  ])
  return Object.fromEntries(entries)
}

/** Of a confidential location neither name nor entrance is told, so neither finds it. */
const IS_PUBLIC = sql`exists (select 1 from directory_records location
  where location.kind = 'location' and location.id = ${ID} and ${PUBLIC})`

const COMMON = { _id: isId, _lastUpdated: isUpdated }

const CONDITIONS: Readonly<Record<ResourceType, Readonly<Record<string, Condition>>>> = {
  Organization: {
    ...COMMON,
    ...addressed(sql.raw('location.organization_id = directory_records.id')),
    name: named,
    identifier: (value) => sql`(${FIELDS}->>'tax_id' = ${codeOf(value)}
      or exists (select 1 from directory_records identifier where identifier.kind = 'organization_identifier'
        and identifier.organization_id = ${ID} and identifier.fields->>'identifier' = ${codeOf(value)}))`,
    partof: linksTo('parent_organization_id'),
    active: truth(sql`true`),
  },
  Location: {
    ...COMMON,
    ...addressed(sql.raw('location.id = directory_records.id')),
    name: (value, modifier) => sql`(${named(value, modifier)} and ${IS_PUBLIC})`,
    organization: linksTo('organization_id'),
    hoursofoperation: (value) => {
      const day = `%${value.slice(0, 2).toUpperCase()}%`
      return sql`exists (select 1 from directory_records schedule where schedule.kind = 'schedule'
        and schedule.location_id = ${ID} and upper(schedule.fields->>'byday') like ${day})`
    },
    accessibility: (
      value,
    ) => sql`(${IS_PUBLIC} and exists (select 1 from directory_records note where note.kind = 'accessibility'
      and note.location_id = ${ID} and (${matches(sql.raw(`note.fields->>'description'`), value, 'contains')}
        or ${matches(sql.raw(`note.fields->>'details'`), value, 'contains')})))`,
  },
  HealthcareService: {
    ...COMMON,
    name: named,
    active: truth(sql`(${FIELDS}->>'status' = 'active')`),
    communication: (
      value,
    ) => sql`exists (select 1 from directory_records language where language.kind = 'language'
      and language.service_id = ${ID} and lower(language.fields->>'code') = ${codeOf(value).toLowerCase()})`,
    location: (value) => sql`exists (select 1 from directory_records place
      where place.kind = 'service_at_location' and place.service_id = ${ID}
        and place.location_id::text = ${value.split('/').at(-1)!.toLowerCase()})`,
    organization: linksTo('organization_id'),
    program: (value) => sql`exists (select 1 from directory_records program where program.kind = 'program'
      and program.id = directory_records.program_id
      and (program.id::text = ${codeOf(value)} or program.fields->>'name' = ${codeOf(value)}))`,
    'service-category': (value) => sql`${FIELDS}->>'category' = ${codeOf(value)}`,
    'service-type': (value) => sql`(${FIELDS}->>'term' = ${codeOf(value)}
      or exists (select 1 from directory_records attribute
        join directory_records term on term.kind = 'taxonomy_term' and term.id = attribute.taxonomy_term_id
        where attribute.kind = 'attribute' and attribute.link_id = ${ID}
          and (term.fields->>'code' = ${codeOf(value)} or term.id::text = ${codeOf(value)})))`,
  },
}
