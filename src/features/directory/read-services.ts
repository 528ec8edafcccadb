import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { type Listing, listRecords, showing, showModified, showRecord } from './list-records.ts'
import type { Nested } from './nest.ts'
import { filtered } from './record-filters.ts'
import { MAX_MINIMAL_PAGE, PAGE, type ServicesAtLocationsQuery, type ServicesQuery } from './schemas.ts'
import { fullView, listView } from './views.ts'

const FULL_SERVICE = fullView('service')
const FULL_PLACE = fullView('service_at_location')

/** Services, each with its organization and program, with everything, or with `last_modified` alone. */
export async function listDirectoryServices(ctx: Context, asked: ServicesQuery): Promise<Listing> {
  permit(ctx, 'directory.read')
  const { minimal, full } = asked
  const show = minimal ? showModified : showing(full ? FULL_SERVICE : listView)
  const { per_page = minimal ? MAX_MINIMAL_PAGE : PAGE } = asked
  const where = await filtered(ctx, 'service', asked)
  return listRecords(ctx, { kind: 'service', where, show }, { ...asked, per_page })
}

/** The same, asked for in a body: what is searched for then stands in no address and no log. */
export const searchDirectoryServices = listDirectoryServices

/**
 * One service with everything that is said of it.
 * @throws Refusal `not_found`.
 */
export async function getDirectoryService(ctx: Context, { id }: { id: string }): Promise<Nested> {
  permit(ctx, 'directory.read')
  return showRecord(ctx, 'service', id, FULL_SERVICE)
}

/** Services at locations, each with its service and location, or with everything. */
export async function listServicesAtLocations(
  ctx: Context,
  asked: ServicesAtLocationsQuery,
): Promise<Listing> {
  permit(ctx, 'directory.read')
  const kind = 'service_at_location'
  const where = await filtered(ctx, kind, asked)
  return listRecords(ctx, { kind, where, show: showing(asked.full ? FULL_PLACE : listView) }, asked)
}

/** The same, asked for in a body. */
export const searchServicesAtLocations = listServicesAtLocations

/**
 * One service at a location with everything that is said of it.
 * @throws Refusal `not_found`.
 */
export async function getServiceAtLocation(ctx: Context, { id }: { id: string }): Promise<Nested> {
  permit(ctx, 'directory.read')
  return showRecord(ctx, 'service_at_location', id, FULL_PLACE)
}
