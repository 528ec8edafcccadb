import { and, asc, eq, gte, inArray, isNotNull, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { periodAt } from '../../platform/period.ts'
import { areas } from '../communities/tables.ts'
import type { RecordKind } from '../directory/record.ts'
import { directoryRecords } from '../directory/tables.ts'
import { organizations } from '../identity/tables.ts'
import { assuranceStateAt } from './assurance-schemas.ts'
import type { AssuranceFacts, CapacityFacts, OfferingFacts } from './describe-offering.ts'
import type { LocationFacts, OrganizationFacts } from './describe-place.ts'
import type { ServiceFacts } from './describe-service.ts'
import { locations, offeringAssurances, offeringCapacities, offerings, services } from './tables.ts'

export type OfferingRow = typeof offerings.$inferSelect

/** What of the catalog a change touches: offerings and locations that changed, services that offerings left. */
export interface Touched {
  offeringIds?: readonly string[]
  locationIds?: readonly string[]
  serviceIds?: readonly string[]
}

/** Everything that is said of what was touched, with all places of each service. */
export interface DirectoryRows {
  organizations: OrganizationFacts[]
  services: ServiceFacts[]
  locations: LocationFacts[]
  /** Of these services, in order of publication. */
  offerings: OfferingRow[]
}

/**
 * Reads what was touched, a few statements for any number of rows. The services stay locked, so that of two
 * publications of one service the later sees what the earlier wrote.
 */
export async function readDirectoryRows(ctx: TransactionContext, touched: Touched): Promise<DirectoryRows> {
  const { offeringIds = [], locationIds = [], serviceIds = [] } = touched
  const named = await inChunks(offeringIds, (ids) =>
    ctx.tx
      .select({ serviceId: offerings.serviceId, locationId: offerings.locationId })
      .from(offerings)
      .where(isOneOf(offerings.id, ids)),
  )
  const serviceRows = await lockServices(ctx, [...serviceIds, ...named.map(({ serviceId }) => serviceId)])
  const offeringRows = await inChunks(idsOf(serviceRows), (ids) =>
    ctx.tx.select().from(offerings).where(isOneOf(offerings.serviceId, ids)).orderBy(asc(offerings.id)),
  )
  const places = await readPlaces(ctx, [...locationIds, ...named.map(({ locationId }) => locationId)])
  const owners = [...serviceRows, ...places].map(({ organizationId }) => organizationId)
  const organizationRows = await inChunks(owners, (ids) =>
    ctx.tx.select().from(organizations).where(isOneOf(organizations.id, ids)).orderBy(asc(organizations.id)),
  )
  return {
    organizations: organizationRows,
    services: serviceRows,
    locations: places,
    offerings: offeringRows,
  }
}

function lockServices(ctx: TransactionContext, serviceIds: readonly string[]) {
  return inChunks(serviceIds, (ids) =>
    ctx.tx
      .select()
      .from(services)
      .where(isOneOf(services.id, ids))
      .orderBy(asc(services.id))
      .for('no key update'),
  )
}

async function readPlaces(ctx: TransactionContext, ids: readonly string[]): Promise<LocationFacts[]> {
  const rows = await inChunks(ids, (chunk) =>
    ctx.tx.select().from(locations).where(isOneOf(locations.id, chunk)).orderBy(asc(locations.id)),
  )
  const offered = await inChunks(ids, (chunk) =>
    ctx.tx
      .select({ id: offerings.locationId, isVirtual: sql<boolean>`bool_and(${offerings.mode} = 'remote')` })
      .from(offerings)
      .where(and(isOneOf(offerings.locationId, chunk), eq(offerings.state, 'published')))
      .groupBy(offerings.locationId),
  )
  const virtual = new Set(offered.flatMap(({ id, isVirtual }) => (isVirtual ? id : [])))
  return rows.map((row) => ({ ...row, isVirtual: virtual.has(row.id) }))
}

/** The offerings with what stands in other tables: areas by name, capacities of months that are not over, assurance. */
export async function readOfferingFacts(
  ctx: TransactionContext,
  rows: readonly OfferingRow[],
): Promise<OfferingFacts[]> {
  const ids = idsOf(rows)
  const named = await inChunks(
    rows.flatMap((row) => row.serviceAreaIds),
    (chunk) => ctx.tx.select().from(areas).where(isOneOf(areas.id, chunk)),
  )
  const areaById = new Map(named.map(({ id, code, name }) => [id, { code, name }]))
  const capacities = await readCapacities(ctx, ids)
  const assurances = await readAssurances(ctx, ids)
  return rows.map((row) => ({
    ...row,
    areas: row.serviceAreaIds.flatMap((id) => areaById.get(id) ?? []),
    capacities: capacities.get(row.id) ?? [],
    assurance: assurances.get(row.id) ?? null,
  }))
}

async function readCapacities(
  ctx: TransactionContext,
  offeringIds: readonly string[],
): Promise<Map<string, CapacityFacts[]>> {
  const { offeringId, period, maximum, funded, status, updatedAt } = offeringCapacities
  const available = sql<number>`${accounts.limit} - ${accounts.held} - ${accounts.spent}`.mapWith(Number)
  const rows = await inChunks(offeringIds, (ids) =>
    ctx.tx
      .select({ offeringId, period, maximum, funded, status, updatedAt, available })
      .from(offeringCapacities)
      .innerJoin(offerings, eq(offerings.id, offeringId))
      .innerJoin(
        accounts,
        and(
          eq(accounts.kind, 'capacity'),
          eq(accounts.ownerId, offeringId),
          eq(accounts.period, period),
          sql`${accounts.unit} = ${offerings.unit}::text`,
        ),
      )
      .where(and(isOneOf(offeringId, ids), gte(period, periodAt(ctx.clock()))))
      .orderBy(asc(offeringId), asc(period)),
  )
  return grouped(rows, (row) => row.offeringId)
}

async function readAssurances(
  ctx: TransactionContext,
  offeringIds: readonly string[],
): Promise<Map<string, AssuranceFacts>> {
  const rows = await inChunks(offeringIds, (ids) =>
    ctx.tx.select().from(offeringAssurances).where(isOneOf(offeringAssurances.offeringId, ids)),
  )
  return new Map(rows.map((row) => [row.offeringId, { ...row, state: assuranceStateAt(row, ctx.clock()) }]))
}

const OWNERS: readonly RecordKind[] = ['organization', 'service', 'service_at_location', 'location']

/** Which of these a feed describes: as `kind id`. What a feed describes is the feed's to say. */
export async function readDescribedByFeeds(
  ctx: TransactionContext,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await inChunks(ids, (chunk) =>
    ctx.tx
      .select({ kind: directoryRecords.kind, id: directoryRecords.id })
      .from(directoryRecords)
      .where(
        and(
          inArray(directoryRecords.kind, [...OWNERS]),
          isOneOf(directoryRecords.id, chunk),
          isNotNull(directoryRecords.feedId),
        ),
      ),
  )
  return new Set(rows.map(({ kind, id }) => `${kind} ${id}`))
}

/** The rows of every chunk of the distinct ids, in order of the ids: whoever locks them does so in one order. */
async function inChunks<Row>(
  ids: readonly string[],
  read: (ids: string[]) => PromiseLike<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const chunk of chunks([...new Set(ids)].sort())) rows.push(...(await read(chunk)))
  return rows
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id)
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const known = groups.get(keyOf(row))
    if (known) known.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}
