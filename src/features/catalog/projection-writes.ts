import { and, getTableColumns, ne, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { rowsFrom } from '../../platform/db/rows-from.ts'
import type { ProjectedLocation, ProjectedPlace } from './projection.ts'
import { type NamedService, namesFor, serviceKey, toldApart } from './projection-names.ts'
import { locations, offerings, services } from './tables.ts'

/** Ids of rows that were there and are different now. */
type ChangedIds = string[]

/** @param areaIds of the area that each location lies in. */
export async function writeLocations(
  ctx: TransactionContext,
  wanted: readonly ProjectedLocation[],
  areaIds: ReadonlyMap<string, string>,
): Promise<ChangedIds> {
  const rows = wanted.map((location) => ({
    ...location,
    areaId: areaIds.get(location.id) ?? null,
    version: 1,
    createdAt: ctx.clock(),
  }))
  const { areaId, name, address, latitude, longitude, visibility, addressOf } = locations
  // Whose location it is stays: several organizations may offer services at one.
  const told = [areaId, name, address, latitude, longitude, visibility, addressOf]
  const changed: ChangedIds = []
  for (const chunk of chunks(rows)) {
    const written = await ctx.tx
      .insert(locations)
      .select(rowsFrom(locations, chunk))
      .onConflictDoUpdate({ target: locations.id, ...replacing(locations, told, locations.version) })
      .returning({ id: locations.id, created: CREATED })
    changed.push(...written.flatMap((row) => (row.created ? [] : row.id)))
  }
  return changed
}

/** Writes services under names that are free. */
export async function writeServices(
  ctx: TransactionContext,
  wanted: readonly ProjectedPlace['service'][],
): Promise<{ changed: ChangedIds; renamed: Set<string> }> {
  const named = toldApart(wanted, await readHolders(ctx, wanted))
  const rows = wanted.map((service, at) => ({ ...service, name: named[at]!.name, createdAt: ctx.clock() }))
  const { organizationId, name, category, term } = services
  const changed: ChangedIds = []
  for (const chunk of chunks(rows)) {
    const written = await ctx.tx
      .insert(services)
      .select(rowsFrom(services, chunk))
      .onConflictDoUpdate({
        target: services.id,
        ...replacing(services, [organizationId, name, category, term]),
      })
      .returning({ id: services.id, created: CREATED })
    changed.push(...written.flatMap((row) => (row.created ? [] : row.id)))
  }
  const renamed = wanted.filter((service, at) => named[at]!.name !== service.name).map(({ id }) => id)
  return { changed, renamed: new Set(renamed) }
}

/** Who has the names that these services may be given. */
async function readHolders(
  ctx: TransactionContext,
  wanted: readonly NamedService[],
): Promise<Map<string, string>> {
  const holders = new Map<string, string>()
  for (const chunk of chunks(wanted)) {
    const names = chunk.flatMap((service) =>
      namesFor(service).map((name) => ({ organization_id: service.organizationId, name })),
    )
    const rows = await ctx.tx
      .select(getTableColumns(services))
      .from(services)
      .innerJoin(
        sql`(select distinct organization_id, name
          from jsonb_to_recordset(${JSON.stringify(names)}::jsonb) as t(organization_id uuid, name text)) as wanted`,
        sql`wanted.organization_id = ${services.organizationId} and wanted.name = ${services.name}`,
      )
    for (const row of rows) holders.set(serviceKey(row), row.id)
  }
  return holders
}

export interface WrittenOfferings {
  created: string[]
  changed: ChangedIds
}

/**
 * Publishes offerings, also those that were withdrawn. The unit of one that is there stays: capacity is counted in it.
 * @param suspended ids of those that are not to be matched whatever a feed says.
 */
export async function writeOfferings(
  ctx: TransactionContext,
  places: readonly ProjectedPlace[],
  suspended: ReadonlySet<string>,
): Promise<WrittenOfferings> {
  const rows = places.map(({ id, organization, service, location, offering }) => ({
    id,
    organizationId: organization.id,
    serviceId: service.id,
    locationId: location.id,
    ...offering,
    state: suspended.has(id) ? ('suspended' as const) : ('published' as const),
    version: 1,
    createdAt: ctx.clock(),
  }))
  const {
    id: _id,
    unit: _unit,
    sourceRef: _ref,
    version,
    createdAt: _at,
    ...told
  } = getTableColumns(offerings)
  const done: WrittenOfferings = { created: [], changed: [] }
  for (const chunk of chunks(rows)) {
    const written = await ctx.tx
      .insert(offerings)
      .select(rowsFrom(offerings, chunk))
      .onConflictDoUpdate({ target: offerings.id, ...replacing(offerings, Object.values(told), version) })
      .returning({ id: offerings.id, created: CREATED })
    for (const row of written) (row.created ? done.created : done.changed).push(row.id)
  }
  return done
}

/** An offering that something happened to, and whom it concerns. */
export interface Happened {
  objectId: string
  audience: string
}

const HAPPENED = { objectId: offerings.id, audience: offerings.organizationId }

/** Counts a new version of the offerings, save withdrawn ones, of changed services and locations. */
export async function touchOfferings(
  ctx: TransactionContext,
  changed: { serviceIds: readonly string[]; locationIds: readonly string[] },
  except: ReadonlySet<string>,
): Promise<Happened[]> {
  const ids = new Set<string>()
  for (const [column, changedIds] of [
    [offerings.serviceId, changed.serviceIds],
    [offerings.locationId, changed.locationIds],
  ] as const) {
    for (const chunk of chunks(changedIds)) {
      const rows = await ctx.tx
        .select({ id: offerings.id })
        .from(offerings)
        .where(and(isOneOf(column, chunk), ne(offerings.state, 'withdrawn')))
      for (const { id } of rows) if (!except.has(id)) ids.add(id)
    }
  }
  return nextVersion(ctx, [...ids], {})
}

/** Takes offerings out of every later match. @returns those that were published or suspended. */
export function withdrawAll(ctx: TransactionContext, ids: readonly string[]): Promise<Happened[]> {
  return nextVersion(ctx, ids, { state: 'withdrawn' })
}

async function nextVersion(
  ctx: TransactionContext,
  ids: readonly string[],
  set: { state?: 'withdrawn' },
): Promise<Happened[]> {
  const happened: Happened[] = []
  for (const chunk of chunks(ids)) {
    const rows = await ctx.tx
      .update(offerings)
      .set({ ...set, version: sql`${offerings.version} + 1` })
      .where(and(isOneOf(offerings.id, chunk), ne(offerings.state, 'withdrawn')))
      .returning(HAPPENED)
    happened.push(...rows)
  }
  return happened
}

/** A row that this statement inserted has no older version. */
const CREATED = sql<boolean>`(xmax = 0)`

/** Takes the new values of these columns where one of them differs, and counts that as a version. */
function replacing(table: PgTable, columns: readonly PgColumn[], version?: PgColumn) {
  const names = new Map<PgColumn, string>(
    Object.entries(getTableColumns(table)).map(([name, column]) => [column as PgColumn, name]),
  )
  const excluded = (column: PgColumn) => sql.raw(`excluded."${column.name}"`)
  const set: Record<string, SQL> = Object.fromEntries(
    columns.map((column) => [names.get(column)!, excluded(column)]),
  )
  if (version) set.version = sql`${version} + 1`
  const differs = columns.map((column) => sql`${column} is distinct from ${excluded(column)}`)
  return { set, setWhere: sql.join(differs, sql` or `) }
}
