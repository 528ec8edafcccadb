import type { TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { areasAround } from '../communities/areas-around.ts'
import { withholdPlaces } from '../directory/withhold-places.ts'
import type { ProjectedLocation, ProjectedPlace } from './projection.ts'
import { type PlaceCapacity, writeCapacities } from './projection-accounts.ts'
import { touchOfferings, writeLocations, writeOfferings, writeServices } from './projection-writes.ts'
import { suspendedAmong } from './suspended-among.ts'
import type { offerings } from './tables.ts'

/** An offering as it was before. */
export type Known = Pick<typeof offerings.$inferSelect, 'id' | 'unit' | 'state'>

export interface PlaceFlaw {
  id: string
  field: string
  reason: string
}

/** Writes places as locations, services, offerings and capacities, and says what came of each offering. */
export async function writePlaces(
  ctx: TransactionContext,
  places: readonly ProjectedPlace[],
  known: ReadonlyMap<string, Known>,
): Promise<PlaceFlaw[]> {
  const sites = distinct(places.map(({ location }) => location))
  const locationIds = await writeLocations(ctx, sites, await areasOf(ctx, sites))
  const services = distinct(places.map(({ service }) => service))
  const { changed: serviceIds, renamed } = await writeServices(ctx, services)
  const suspended = await suspendedAmong(
    ctx,
    places.map(({ id, organization }) => ({ id, organizationId: organization.id })),
  )
  const written = await writeOfferings(ctx, places, suspended)
  await withholdPlaces(ctx, [...suspended])
  const isWritten = new Set([...written.created, ...written.changed])
  const touched = await touchOfferings(ctx, { serviceIds, locationIds }, isWritten)
  const isNew = new Set(written.created)
  for (const id of written.changed) if (known.get(id)?.state === 'withdrawn') isNew.add(id)
  const happened = (wanted: (id: string) => boolean) =>
    places.filter(({ id }) => wanted(id)).map((place) => happenedTo(place))
  await emitAll(
    ctx,
    'offering.published',
    happened((id) => isNew.has(id) && !suspended.has(id)),
  )
  await emitAll(
    ctx,
    'offering.suspended',
    happened((id) => isNew.has(id) && suspended.has(id)),
  )
  const revised = happened((id) => isWritten.has(id) && !isNew.has(id))
  await emitAll(ctx, 'offering.revised', [...revised, ...touched])
  return [...flawsOf(places, known, renamed), ...(await writeMonths(ctx, places, known))]
}

function happenedTo({ id, organization, service, offering }: ProjectedPlace) {
  const { category, term } = service
  return { objectId: id, audience: organization.id, data: { category, term, tier: offering.tier } }
}

/** The smallest area around each location, where outlines of areas are known. */
async function areasOf(
  ctx: TransactionContext,
  sites: readonly ProjectedLocation[],
): Promise<Map<string, string>> {
  const located = sites.flatMap(({ id, latitude, longitude }) =>
    latitude === null || longitude === null ? [] : [{ id, point: { latitude, longitude } }],
  )
  const around = await areasAround(
    ctx,
    located.map(({ point }) => point),
  )
  return new Map(located.flatMap(({ id }, at) => (around[at]![0] ? [[id, around[at]![0]]] : [])))
}

function flawsOf(
  places: readonly ProjectedPlace[],
  known: ReadonlyMap<string, Known>,
  renamed: ReadonlySet<string>,
): PlaceFlaw[] {
  return places.flatMap(({ id, service, offering }) => {
    const flaws: PlaceFlaw[] = []
    if (renamed.has(service.id)) {
      const reason = 'another service of the organization has it: told apart by its id'
      flaws.push({ id, field: 'service.name', reason })
    }
    if (hasOtherUnit(known.get(id), offering.unit)) {
      const reason = `capacity is counted by the ${known.get(id)!.unit} already: unit and capacities stay`
      flaws.push({ id, field: 'unit', reason })
    }
    return flaws
  })
}

function hasOtherUnit(known: Known | undefined, unit: Known['unit']): boolean {
  return known !== undefined && known.unit !== unit
}

/** Capacities; those of a new offering are said with its publication. */
async function writeMonths(
  ctx: TransactionContext,
  places: readonly ProjectedPlace[],
  known: ReadonlyMap<string, Known>,
): Promise<PlaceFlaw[]> {
  const countable = places.filter(({ id, offering }) => !hasOtherUnit(known.get(id), offering.unit))
  const wanted: PlaceCapacity[] = countable.flatMap(({ id, offering: { unit }, capacities }) =>
    capacities.map((capacity) => ({ ...capacity, offeringId: id, unit })),
  )
  const { changed, short } = await writeCapacities(ctx, wanted)
  const organizations = new Map(places.map(({ id, organization }) => [id, organization.id]))
  const told = changed.filter(({ offeringId }) => known.has(offeringId))
  await emitAll(
    ctx,
    'capacity.set',
    told.map(({ offeringId, period, maximum: units, funded, status }) => ({
      objectId: offeringId,
      audience: organizations.get(offeringId)!,
      data: { period, units, funded, status },
    })),
  )
  return short.map(({ offeringId, period, limit, promised }) => ({
    id: offeringId,
    field: 'service_capacity.maximum',
    reason: `${limit} units in ${period} are fewer than the ${promised} that are promised: these stay`,
  }))
}

/** The first of each id. */
export function distinct<Row extends { id: string }>(rows: readonly Row[]): Row[] {
  const byId = new Map<string, Row>()
  for (const row of rows) if (!byId.has(row.id)) byId.set(row.id, row)
  return [...byId.values()]
}
