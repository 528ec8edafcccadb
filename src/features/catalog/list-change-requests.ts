import { and, asc, eq, getTableColumns, gt, or, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import type { ChangeRequestsQuery } from './change-request-schemas.ts'
import { areasWithinReach } from './offering-reach.ts'
import { changeRequests, locations, offerings } from './tables.ts'

export type ChangeRequestRow = typeof changeRequests.$inferSelect

/** Change requests in order of their proposal, within the actor's reach. */
export async function listChangeRequests(
  ctx: Context,
  filter: ChangeRequestsQuery,
): Promise<Page<ChangeRequestRow>> {
  permit(ctx, 'change_request.read')
  const { limit, cursor, offeringId, state } = filter
  const rows = await select(
    ctx,
    and(
      await withinReach(ctx),
      cursor ? gt(changeRequests.id, cursor) : undefined,
      offeringId ? eq(changeRequests.offeringId, offeringId) : undefined,
      state ? eq(changeRequests.state, state) : undefined,
    ),
  )
    .orderBy(asc(changeRequests.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`, also for a request beyond the actor's reach. */
export async function getChangeRequest(ctx: Context, id: string): Promise<ChangeRequestRow> {
  permit(ctx, 'change_request.read')
  const [row] = await select(ctx, and(eq(changeRequests.id, id), await withinReach(ctx)))
  return found(row, 'change request')
}

/**
 * A provider sees what is proposed for its offerings, a partner what it proposed itself; purchasers and supervisors
 * also what concerns their area.
 */
async function withinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, organizationId } = ctx.actor
  const proposed = eq(changeRequests.proposedBy, organizationId)
  if (role === 'partner') return proposed
  if (role === 'provider') return or(proposed, eq(offerings.organizationId, organizationId))
  const served = await areasWithinReach(ctx)
  return served && or(proposed, served)
}

function select(ctx: Context, where: SQL | undefined) {
  return query(ctx)
    .select(getTableColumns(changeRequests))
    .from(changeRequests)
    .innerJoin(offerings, eq(offerings.id, changeRequests.offeringId))
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(where)
}
