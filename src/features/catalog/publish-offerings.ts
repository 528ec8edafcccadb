import { inArray } from 'drizzle-orm'
import type { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { rowsFrom } from '../../platform/db/rows-from.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit, emitAll } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { openAccounts } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { permit } from '../identity/permissions.ts'
import { offeringValues } from './offering-values.ts'
import { openCapacities } from './open-capacities.ts'
import { actsFor } from './own-rows.ts'
import { pointColumns } from './point.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { PublishOfferings } from './schemas.ts'
import { STAFF_TIME_UNIT } from './set-staff-time.ts'
import { suspendedAmong } from './suspended-among.ts'
import { locations, offerings, services } from './tables.ts'

type Import = z.output<typeof PublishOfferings>
type Wanted = Import['offerings'][number]

export interface PublishedOfferings {
  /** Source reference → id, of created and existing rows. */
  locationIds: Map<string, string>
  offeringIds: Map<string, string>
  /** Offerings. */
  created: number
  existing: number
}

/**
 * Publishes an import in one transaction. A location or offering whose source reference is known is left as it is,
 * and so is the limit of an account that is open; so an import can be repeated, and opens the accounts of a new month.
 * @throws Refusal `not_found` where a provider imports for another organization, `invalid_input` with a pointer for an
 *   unknown area or location and for a past month.
 */
export async function publishOfferings(ctx: Context, input: PublishOfferings): Promise<PublishedOfferings> {
  permit(ctx, 'offering.publish')
  const wanted = parseInput(PublishOfferings, input)
  refusePastMonths(ctx, wanted)
  const rows = [...wanted.locations, ...wanted.offerings, ...wanted.staffTimes]
  if (rows.some(({ organizationId }) => !actsFor(ctx, organizationId))) {
    throw new Refusal('not_found', 'There is no such organization.')
  }
  return inTransaction(ctx, async (ctx) => {
    await requireAreas(ctx, namedAreas(wanted))
    const locationIds = await createLocations(ctx, wanted)
    const serviceIds = await reuseServices(ctx, wanted.offerings)
    const { offeringIds, created } = await createOfferings(ctx, wanted.offerings, locationIds, serviceIds)
    const existing = wanted.offerings.length - created
    await openAccountsOf(ctx, wanted, offeringIds)
    await publishToDirectory(ctx, {
      offeringIds: [...offeringIds.values()],
      locationIds: [...locationIds.values()],
    })
    const batchId = ctx.newId()
    await record(ctx, 'offerings.publish', batchId, { locations: locationIds.size, created, existing })
    await emit(ctx, 'offerings.published', batchId, null, { created })
    return { locationIds, offeringIds, created, existing }
  })
}

function refusePastMonths(ctx: Context, wanted: Import): void {
  const now = ctx.clock()
  wanted.offerings.forEach(({ capacities }, at) => {
    capacities.forEach(({ period }, of) => {
      refusePast(period, now, `/offerings/${at}/capacities/${of}/period`)
    })
  })
  wanted.staffTimes.forEach(({ period }, at) => {
    refusePast(period, now, `/staffTimes/${at}/period`)
  })
}

function namedAreas(wanted: Import): { id: string; path: (string | number)[] }[] {
  return [
    ...wanted.locations.flatMap(({ areaId }, at) =>
      areaId ? [{ id: areaId, path: ['locations', at, 'areaId'] }] : [],
    ),
    ...wanted.offerings.flatMap(({ serviceAreaIds }, at) =>
      serviceAreaIds.map((id, of) => ({ id, path: ['offerings', at, 'serviceAreaIds', of] })),
    ),
  ]
}

/** Ids of the import's locations, and of earlier ones that its offerings name. */
async function createLocations(ctx: TransactionContext, wanted: Import): Promise<Map<string, string>> {
  const rows = wanted.locations.map(({ point, ...location }) => ({
    id: ctx.newId(),
    ...location,
    ...pointColumns(point),
    createdAt: ctx.clock(),
  }))
  for (const chunk of chunks(rows)) {
    const inserted = await ctx.tx
      .insert(locations)
      .select(rowsFrom(locations, chunk))
      .onConflictDoNothing({ target: locations.sourceRef })
      .returning({ objectId: locations.id, audience: locations.organizationId })
    await emitAll(ctx, 'location.created', inserted)
  }
  const ids = new Map<string, string>()
  const refs = new Set([...rows, ...wanted.offerings].map((row) => refOf(row)))
  for (const chunk of chunks([...refs])) {
    const found = await ctx.tx
      .select({ id: locations.id, sourceRef: locations.sourceRef, organizationId: locations.organizationId })
      .from(locations)
      .where(inArray(locations.sourceRef, chunk))
    for (const { id, sourceRef, organizationId } of found) {
      // A provider's import may name its own places only, also by a reference that is taken.
      if (actsFor(ctx, organizationId)) ids.set(sourceRef!, id)
    }
  }
  const flaws = [
    ...wanted.locations.map(({ sourceRef }, at) => ({
      ref: sourceRef,
      path: ['locations', at, 'sourceRef'],
    })),
    ...wanted.offerings.map(({ locationRef }, at) => ({
      ref: locationRef,
      path: ['offerings', at, 'locationRef'],
    })),
  ].filter(({ ref }) => !ids.has(ref))
  if (flaws.length === 0) return ids
  throw invalidInput(flaws.map(({ path }) => ({ path, message: 'names no location within reach' })))
}

function refOf(row: { sourceRef: string } | { locationRef: string }): string {
  return 'locationRef' in row ? row.locationRef : row.sourceRef
}

function keyOf(service: { organizationId: string; category: string; term: string; name: string }): string {
  const { organizationId, category, term, name } = service
  return `${organizationId} ${category} ${term} ${name}`
}

/** Ids of the services of the import, by key. */
async function reuseServices(ctx: TransactionContext, wanted: Wanted[]): Promise<Map<string, string>> {
  const byKey = new Map(wanted.map((offering) => [keyOf(offering), offering]))
  const rows = [...byKey.values()].map(({ organizationId, name, category, term }) => ({
    id: ctx.newId(),
    organizationId,
    name,
    category,
    term,
    createdAt: ctx.clock(),
  }))
  for (const chunk of chunks(rows)) {
    await ctx.tx.insert(services).select(rowsFrom(services, chunk)).onConflictDoNothing()
  }
  const ids = new Map<string, string>()
  for (const chunk of chunks([...new Set(rows.map((row) => row.organizationId))])) {
    const found = await ctx.tx.select().from(services).where(inArray(services.organizationId, chunk))
    for (const service of found) ids.set(keyOf(service), service.id)
  }
  return ids
}

async function createOfferings(
  ctx: TransactionContext,
  wanted: Wanted[],
  locationIds: Map<string, string>,
  serviceIds: Map<string, string>,
): Promise<{ offeringIds: Map<string, string>; created: number }> {
  const rows = wanted.map((offering) => {
    const { name, category, term, locationRef, capacities, ...rest } = offering
    return {
      id: ctx.newId(),
      serviceId: serviceIds.get(keyOf(offering))!,
      locationId: locationIds.get(locationRef)!,
      ...offeringValues(ctx, rest),
      currency: ctx.currency,
      state: 'published' as 'published' | 'suspended',
      createdAt: ctx.clock(),
    }
  })
  const suspended = await suspendedAmong(ctx, rows)
  for (const row of rows) if (suspended.has(row.id)) row.state = 'suspended'
  let created = 0
  const offeringIds = new Map<string, string>()
  for (const chunk of chunks(rows)) {
    const inserted = await ctx.tx
      .insert(offerings)
      .select(rowsFrom(offerings, chunk))
      .onConflictDoNothing({ target: offerings.sourceRef })
      .returning({ objectId: offerings.id, audience: offerings.organizationId })
    created += inserted.length
    await emitAll(
      ctx,
      'offering.published',
      inserted.filter(({ objectId }) => !suspended.has(objectId)),
    )
    await emitAll(
      ctx,
      'offering.suspended',
      inserted.filter(({ objectId }) => suspended.has(objectId)),
    )
    const refs = chunk.map((row) => row.sourceRef)
    const found = await ctx.tx
      .select({ id: offerings.id, sourceRef: offerings.sourceRef, organizationId: offerings.organizationId })
      .from(offerings)
      .where(inArray(offerings.sourceRef, refs))
    for (const { id, sourceRef, organizationId } of found) {
      if (!actsFor(ctx, organizationId)) {
        throw new Refusal('duplicate', 'The source reference of an offering is taken.')
      }
      offeringIds.set(sourceRef!, id)
    }
  }
  return { offeringIds, created }
}

async function openAccountsOf(
  ctx: TransactionContext,
  { offerings, staffTimes }: Import,
  offeringIds: Map<string, string>,
): Promise<void> {
  await openCapacities(
    ctx,
    offerings.map(({ sourceRef, unit, capacities }) => ({
      offeringId: offeringIds.get(sourceRef)!,
      unit,
      capacities,
    })),
  )
  await openAccounts(
    ctx,
    staffTimes.map(({ organizationId, period, minutes }) => ({
      kind: 'staff_time' as const,
      ownerId: organizationId,
      period,
      unit: STAFF_TIME_UNIT,
      limit: minutes,
    })),
  )
}
