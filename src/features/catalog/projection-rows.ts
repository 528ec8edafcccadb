import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { query, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { areas } from '../communities/tables.ts'
import { type DirectoryRecord, LINK_NAMES, type RecordKind } from '../directory/record.ts'
import { type RecordRow, toRecord } from '../directory/record-row.ts'
import { directoryRecords } from '../directory/tables.ts'
import { AREA_EXTENT } from './describe-offering.ts'
import type { DescribedPlace } from './projection.ts'

/** Kinds that hang below a place. */
const DETAILS = ['schedule', 'service_area', 'service_capacity'] as const

/**
 * Places that feeds describe, unredacted, with what hangs together with each: six statements for any number.
 * @param ids of service_at_location records; those that no feed describes are left out.
 */
export async function readDescribedPlaces(
  ctx: TransactionContext,
  ids: readonly string[],
): Promise<DescribedPlace[]> {
  const places = await readKind(ctx, 'service_at_location', ids, true)
  const services = byId(await readKind(ctx, 'service', linksOf(places, 'service_id')))
  const ofServices = [...services.values()]
  const organizations = byId(await readKind(ctx, 'organization', linksOf(ofServices, 'organization_id')))
  const locationIds = linksOf(places, 'location_id')
  const locations = byId(await readKind(ctx, 'location', locationIds))
  const addresses = grouped(await readBelow(ctx, ['address'], 'location_id', locationIds), 'location_id')
  const serviceIds = [...services.keys()]
  const languages = grouped(await readBelow(ctx, ['language'], 'service_id', serviceIds), 'service_id')
  const placeIds = places.map(({ id }) => id)
  const by = 'service_at_location_id'
  const details = grouped(await readBelow(ctx, DETAILS, by, placeIds), by)
  return places.map((place) => {
    const service = services.get(String(place.fields.service_id))
    const locationId = String(place.fields.location_id)
    const own = details.get(place.id) ?? []
    const ofKind = (kind: RecordKind) => own.filter((record) => record.kind === kind)
    return {
      place,
      service,
      organization: organizations.get(String(service?.fields.organization_id)),
      location: locations.get(locationId),
      address: preferred(addresses.get(locationId) ?? []),
      languages: languages.get(String(service?.id)) ?? [],
      schedules: ofKind('schedule'),
      serviceAreas: ofKind('service_area'),
      capacities: ofKind('service_capacity'),
    }
  })
}

/** Where people come to, rather than where mail goes. */
function preferred(addresses: readonly DirectoryRecord[]): DirectoryRecord | undefined {
  return addresses.find(({ fields }) => fields.address_type === 'physical') ?? addresses[0]
}

/** Ids of the areas that service areas name by code. */
export async function readAreasNamed(
  ctx: TransactionContext,
  described: readonly DescribedPlace[],
): Promise<Map<string, string>> {
  const codes = described.flatMap(({ serviceAreas }) =>
    serviceAreas.flatMap(({ fields }) => (fields.extent_type === AREA_EXTENT ? String(fields.extent) : [])),
  )
  const ids = new Map<string, string>()
  for (const chunk of chunks([...new Set(codes)])) {
    const rows = await query(ctx).select().from(areas).where(inArray(areas.code, chunk))
    for (const { id, code } of rows) ids.set(code, id)
  }
  return ids
}

/** Which of these places were published here. */
export async function readNative(ctx: TransactionContext, ids: readonly string[]): Promise<Set<string>> {
  const native = new Set<string>()
  const { kind, id, feedId } = directoryRecords
  for (const chunk of chunks(ids)) {
    const rows = await ctx.tx
      .select({ id })
      .from(directoryRecords)
      .where(and(eq(kind, 'service_at_location'), isOneOf(id, chunk), isNull(feedId)))
    for (const row of rows) native.add(row.id)
  }
  return native
}

async function readKind(
  ctx: TransactionContext,
  kind: RecordKind,
  ids: readonly string[],
  ofFeeds = false,
): Promise<DirectoryRecord[]> {
  const found: DirectoryRecord[] = []
  for (const chunk of chunks(ids)) {
    const named = sql`${eq(directoryRecords.kind, kind)} and ${isOneOf(directoryRecords.id, chunk)}`
    found.push(...(await readWhere(ctx, ofFeeds ? sql`${named} and feed_id is not null` : named)))
  }
  return found
}

async function readBelow(
  ctx: TransactionContext,
  kinds: readonly RecordKind[],
  by: 'location_id' | 'service_id' | 'service_at_location_id',
  ids: readonly string[],
): Promise<DirectoryRecord[]> {
  const found: DirectoryRecord[] = []
  for (const chunk of chunks(ids)) {
    const ofKinds = inArray(directoryRecords.kind, [...kinds])
    found.push(...(await readWhere(ctx, sql`${ofKinds} and ${isOneOf(directoryRecords[by], chunk)}`)))
  }
  return found
}

const COLUMNS = sql.raw(['kind', 'id', ...LINK_NAMES, 'fields'].join(', '))

/** Without the query builder, which takes as long over so many columns as the database. */
async function readWhere(ctx: TransactionContext, condition: SQL): Promise<DirectoryRecord[]> {
  const { rows } = (await ctx.tx.execute(
    sql`select ${COLUMNS} from ${directoryRecords} where ${condition} order by position`,
  )) as unknown as { rows: RecordRow[] }
  return rows.map(toRecord)
}

function linksOf(records: readonly DirectoryRecord[], name: string): string[] {
  return [...new Set(records.flatMap(({ fields }) => (fields[name] as string | undefined) ?? []))]
}

function byId(records: readonly DirectoryRecord[]): Map<string, DirectoryRecord> {
  return new Map(records.map((record) => [record.id, record]))
}

function grouped(records: readonly DirectoryRecord[], by: string): Map<string, DirectoryRecord[]> {
  const groups = new Map<string, DirectoryRecord[]>()
  for (const record of records) {
    const key = String(record.fields[by])
    const known = groups.get(key)
    if (known) known.push(record)
    else groups.set(key, [record])
  }
  return groups
}
