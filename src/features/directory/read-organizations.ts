import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { type Listing, listRecords, showing, showRecord } from './list-records.ts'
import type { Nested } from './nest.ts'
import { filtered } from './record-filters.ts'
import type { OrganizationQuery, OrganizationsQuery } from './schemas.ts'
import { fullView, listView, organizationView } from './views.ts'

const WITH_FULL_SERVICES = fullView('organization')

/** Organizations by themselves, or with everything below them. */
export async function listDirectoryOrganizations(ctx: Context, asked: OrganizationsQuery): Promise<Listing> {
  permit(ctx, 'directory.read')
  const kind = 'organization'
  const nested = asked.full ? organizationView : listView
  const show = showing(asked.full_service ? WITH_FULL_SERVICES : nested)
  return listRecords(ctx, { kind, where: await filtered(ctx, kind, asked), show }, asked)
}

/** The same, asked for in a body. */
export const searchDirectoryOrganizations = listDirectoryOrganizations

/**
 * One organization with everything below it; its services are as in a list unless `full_service` is asked for.
 * @throws Refusal `not_found`.
 */
export async function getDirectoryOrganization(
  ctx: Context,
  { id, full_service }: { id: string } & OrganizationQuery,
): Promise<Nested> {
  permit(ctx, 'directory.read')
  return showRecord(ctx, 'organization', id, full_service ? WITH_FULL_SERVICES : organizationView)
}
