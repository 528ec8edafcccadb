import type { TransactionContext } from '../../platform/context.ts'
import { periodAt } from '../../platform/period.ts'
import { dropRecords } from '../directory/drop-records.ts'
import { putRecords } from '../directory/put-records.ts'
import { type DirectoryRecord, RECORD_KIND_NAMES, type RecordKind } from '../directory/record.ts'
import { describeOffering } from './describe-offering.ts'
import { describeLocation, describeOrganization } from './describe-place.ts'
import { describeService } from './describe-service.ts'
import {
  type DirectoryRows,
  type OfferingRow,
  readDescribedByFeeds,
  readDirectoryRows,
  readOfferingFacts,
  type Touched,
} from './directory-rows.ts'

/**
 * Tells the directory what changed in the catalog, in the transaction that changed it. A withdrawn offering is listed
 * no longer, and a service without a published offering is inactive. What a feed describes is left as the feed says it.
 * Asks for no permission of its own: the verbs that call it do.
 */
export async function publishToDirectory(ctx: TransactionContext, touched: Touched): Promise<void> {
  const rows = await readDirectoryRows(ctx, touched)
  const wanted = new Set(touched.offeringIds ?? [])
  const offerings = rows.offerings.filter(({ id }) => wanted.has(id))
  const own = await withoutFeeds(ctx, { ...rows, offerings })
  const records = [
    ...describeOwners({ ...own, offerings: rows.offerings }),
    ...(await describeOfferings(ctx, own.offerings)),
  ]
  const { changed } = await putRecords(ctx, inOrder(records))
  const created = new Set(changed.flatMap((record) => (record.created ? `${record.kind} ${record.id}` : [])))
  await dropUntold(ctx, own, records, created)
}

async function withoutFeeds(ctx: TransactionContext, rows: DirectoryRows): Promise<DirectoryRows> {
  const ids = [...rows.organizations, ...rows.services, ...rows.locations, ...rows.offerings]
  const theirs = await readDescribedByFeeds(
    ctx,
    ids.map(({ id }) => id),
  )
  return {
    organizations: rows.organizations.filter(({ id }) => !theirs.has(`organization ${id}`)),
    services: rows.services.filter(({ id }) => !theirs.has(`service ${id}`)),
    locations: rows.locations.filter(({ id }) => !theirs.has(`location ${id}`)),
    offerings: rows.offerings.filter(({ id }) => !theirs.has(`service_at_location ${id}`)),
  }
}

function describeOwners({ organizations, services, locations, offerings }: DirectoryRows): DirectoryRecord[] {
  const ofService = new Map<string, OfferingRow[]>(services.map(({ id }) => [id, []]))
  for (const row of offerings) if (row.state === 'published') ofService.get(row.serviceId)?.push(row)
  return [
    ...organizations.map(describeOrganization),
    ...services.flatMap((service) => describeService(service, ofService.get(service.id)!)),
    ...locations.flatMap(describeLocation),
  ]
}

async function describeOfferings(
  ctx: TransactionContext,
  rows: readonly OfferingRow[],
): Promise<DirectoryRecord[]> {
  const period = periodAt(ctx.clock())
  const published = rows.filter(({ state }) => state === 'published')
  const records = (await readOfferingFacts(ctx, published)).flatMap((facts) =>
    describeOffering(facts, period),
  )
  // A unit is said once, however many count in it.
  return [...new Map(records.map((record) => [`${record.kind} ${record.id}`, record])).values()]
}

/**
 * What was told of these before and is told no longer: details first, they name the service through their place. Of
 * what is new nothing was told before.
 */
async function dropUntold(
  ctx: TransactionContext,
  { services, locations, offerings }: DirectoryRows,
  told: readonly DirectoryRecord[],
  created: ReadonlySet<string>,
): Promise<void> {
  const known = (kind: RecordKind, rows: readonly { id: string }[]) =>
    rows.flatMap(({ id }) => (created.has(`${kind} ${id}`) ? [] : id))
  const places = known('service_at_location', offerings)
  const details = ['schedule', 'service_area', 'service_capacity'] as const
  await dropRecords(ctx, { by: 'service_at_location_id', ids: places, kinds: details }, told)
  await dropRecords(ctx, { by: 'id', ids: places, kinds: ['service_at_location'] }, told)
  const ofServices = ['language', 'cost_option'] as const
  await dropRecords(ctx, { by: 'service_id', ids: known('service', services), kinds: ofServices }, told)
  await dropRecords(ctx, { by: 'location_id', ids: known('location', locations), kinds: ['address'] }, told)
}

/** Owners before their details. Rows come by id, so that no two publications wait for each other. */
function inOrder(records: readonly DirectoryRecord[]): DirectoryRecord[] {
  const rank = new Map(RECORD_KIND_NAMES.map((kind, at) => [kind, at]))
  return [...records].sort((one, other) => rank.get(one.kind)! - rank.get(other.kind)!)
}
