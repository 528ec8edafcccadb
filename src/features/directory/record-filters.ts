/** The filters of HSDS's API as conditions on directory records; all of them together must hold. */
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../platform/context.ts'
import { CONFIDENTIAL_IN_SQL } from './confidential.ts'
import { near } from './place-filter.ts'
import type { RecordKind } from './record.ts'
import { directoryRecords } from './tables.ts'

export interface Filters {
  search?: string | undefined
  taxonomy_term_id?: string | undefined
  taxonomy_id?: string | undefined
  organization_id?: string | undefined
  parent_id?: string | undefined
  top_only?: boolean | undefined
  modified_after?: string | undefined
  postcode?: string | undefined
  proximity?: number | undefined
  minimum_age?: number | undefined
  maximum_age?: number | undefined
  start_time?: string | undefined
  end_time?: string | undefined
  day?: string | undefined
}

/**
 * The condition that a record of this kind meets every filter.
 * @throws Refusal `invalid_input` for a proximity to a postcode that no public address has.
 */
export async function filtered(ctx: Context, kind: RecordKind, filters: Filters): Promise<SQL | undefined> {
  const { search, taxonomy_term_id, taxonomy_id, organization_id, parent_id, top_only, modified_after } =
    filters
  return and(
    ...wordsOf(search).map((word) => mentions(kind, word)),
    taxonomy_term_id ? classified(kind, sql`a.taxonomy_term_id = ${taxonomy_term_id}`) : undefined,
    taxonomy_id ? ofTaxonomy(kind, taxonomy_id) : undefined,
    organization_id ? ofOrganization(kind, organization_id) : undefined,
    parent_id ? eq(directoryRecords.parent_id, parent_id) : undefined,
    top_only ? isNull(directoryRecords.parent_id) : undefined,
    modified_after ? modified(kind, modified_after) : undefined,
    ...offered(kind, filters),
    await near(ctx, filters),
  )
}

function wordsOf(search = ''): string[] {
  return search.split(/\s+/u).filter((word) => word !== '')
}

/** `fields` of the row `alias` hold the pattern in a name or a description. */
const says = (alias: string, pattern: string) => sql`(
  ${sql.raw(alias)}.fields->>'name' ilike ${pattern} or ${sql.raw(alias)}.fields->>'alternate_name' ilike ${pattern}
  or ${sql.raw(alias)}.fields->>'description' ilike ${pattern})`

/** A word is found in the record, or in the one that its list shows beside it: a service's organization, say. */
function mentions(kind: RecordKind, word: string): SQL {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`
  const itself = says('directory_records', pattern)
  const organizations = sql`select o.id from directory_records o
    where o.kind = 'organization' and ${says('o', pattern)}`
  if (kind === 'service') return sql`(${itself} or directory_records.organization_id in (${organizations}))`
  if (kind === 'taxonomy_term') return sql`(${itself} or directory_records.fields->>'code' ilike ${pattern})`
  if (kind !== 'service_at_location') return itself
  return sql`(${itself} or directory_records.service_id in (select s.id from directory_records s
      where s.kind = 'service' and (${says('s', pattern)} or s.organization_id in (${organizations})))
    or directory_records.location_id in (select location.id from directory_records location
      where location.kind = 'location' and ${says('location', pattern)} and not ${sql.raw(CONFIDENTIAL_IN_SQL)}))`
}

/** A service at a location is classified by its own terms and by its service's. */
function classified(kind: RecordKind, condition: SQL): SQL {
  const links = sql`select a.link_id from directory_records a where a.kind = 'attribute' and ${condition}`
  return kind === 'service_at_location'
    ? sql`(directory_records.id in (${links}) or directory_records.service_id in (${links}))`
    : sql`directory_records.id in (${links})`
}

function ofTaxonomy(kind: RecordKind, taxonomyId: string): SQL {
  if (kind === 'taxonomy_term') return eq(directoryRecords.taxonomy_id, taxonomyId)
  const terms = sql`select t.id from directory_records t
    where t.kind = 'taxonomy_term' and t.taxonomy_id = ${taxonomyId}`
  return classified(kind, sql`a.taxonomy_term_id in (${terms})`)
}

function ofOrganization(kind: RecordKind, organizationId: string): SQL {
  return kind === 'service_at_location'
    ? sql`directory_records.service_id in (select s.id from directory_records s
        where s.kind = 'service' and s.organization_id = ${organizationId})`
    : eq(directoryRecords.organization_id, organizationId)
}

const lastModified = (alias: string) =>
  sql.raw(`coalesce((${alias}.fields->>'last_modified')::timestamptz, ${alias}.modified_at)`)

/** By what the answer shows: the feed's word, else when we saw the change; at a location, those of its service. */
function modified(kind: RecordKind, after: string): SQL {
  const since = sql`${instantOf(after)}::timestamptz`
  if (kind !== 'service_at_location') return sql`${lastModified('directory_records')} >= ${since}`
  return sql`coalesce((select ${lastModified('s')} from directory_records s
    where s.kind = 'service' and s.id = directory_records.service_id), directory_records.modified_at) >= ${since}`
}

/** A date, or a time without an offset, is meant in UTC. */
function instantOf(text: string): string {
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T')
  return new Date(zoned ? text : `${text}Z`).toISOString()
}

/**
 * The UK profile's filters on services, or on the service at a location: ages it states, and hours that one of its
 * schedules has. A service that states none is not found by them.
 */
function offered(kind: RecordKind, filters: Filters): SQL[] {
  return [...agesOf(kind, filters), ...hoursOf(kind, filters)]
}

function agesOf(kind: RecordKind, { minimum_age, maximum_age }: Filters): SQL[] {
  const limits = [
    ...(minimum_age === undefined ? [] : [sql`(s.fields->>'minimum_age')::float8 >= ${minimum_age}::float8`]),
    ...(maximum_age === undefined ? [] : [sql`(s.fields->>'maximum_age')::float8 <= ${maximum_age}::float8`]),
  ]
  return limits.map(
    (limit) => sql`${serviceId(kind)} in (select s.id from directory_records s
      where s.kind = 'service' and ${limit})`,
  )
}

const serviceId = (kind: RecordKind) =>
  sql.raw(kind === 'service' ? 'directory_records.id' : 'directory_records.service_id')

function hoursOf(kind: RecordKind, { start_time, end_time, day }: Filters): SQL[] {
  const limits = [
    ...(start_time ? [sql`left(h.fields->>'opens_at', 5) >= ${start_time.slice(0, 5)}`] : []),
    ...(end_time ? [sql`left(h.fields->>'closes_at', 5) <= ${end_time.slice(0, 5)}`] : []),
    ...(day ? [sql`h.fields->>'byday' ~* ${`(^|[^a-z])${day}([^a-z]|$)`}`] : []),
  ]
  if (limits.length === 0) return []
  const ownersOf = (link: 'service_at_location_id' | 'service_id') => sql`select h.${sql.identifier(link)}
    from directory_records h where h.kind = 'schedule' and ${sql.join(limits, sql` and `)}`
  const atPlaces = sql`select p.service_id from directory_records p
    where p.kind = 'service_at_location' and p.id in (${ownersOf('service_at_location_id')})`
  const own = kind === 'service' ? atPlaces : ownersOf('service_at_location_id')
  return [sql`(${serviceId(kind)} in (${ownersOf('service_id')}) or directory_records.id in (${own}))`]
}
