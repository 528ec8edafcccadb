import { and, asc, eq, getTableColumns, gt, isNull, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { residents } from '../residents/tables.ts'
import type { GrievancesQuery } from './grievance-schemas.ts'
import { grievances } from './tables.ts'
import { inOwnAreaOrNone } from './within-area.ts'

export type GrievanceRow = typeof grievances.$inferSelect

/** Complaints and appeals within the actor's reach, in the order in which they were filed. */
export async function listGrievances(
  ctx: Context,
  { limit, cursor, kind, state, subjectId }: GrievancesQuery,
): Promise<Page<GrievanceRow>> {
  permit(ctx, 'grievance.read')
  const rows = await selectGrievances(
    ctx,
    and(
      await grievancesWithinReach(ctx),
      cursor ? gt(grievances.id, cursor) : undefined,
      kind ? eq(grievances.kind, kind) : undefined,
      state ? eq(grievances.state, state) : undefined,
      subjectId ? eq(grievances.subjectId, subjectId) : undefined,
    ),
  )
    .orderBy(asc(grievances.id))
    .limit(limit + 1)
  return toPage(rows.map(shownTo(ctx)), limit)
}

/** @throws Refusal `not_found`, also for one beyond the actor's reach. */
export async function getGrievance(ctx: Context, id: string): Promise<GrievanceRow> {
  permit(ctx, 'grievance.read')
  const [row] = await selectGrievances(ctx, and(eq(grievances.id, id), await grievancesWithinReach(ctx)))
  return shownTo(ctx)(found(row, 'grievance'))
}

/**
 * Whoever filed one reaches it, and supervisors those of their area and of none in particular: whom it is about does
 * not read what was said. For its own app, a resident who is erased is gone.
 */
async function grievancesWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, organizationId } = ctx.actor
  if (role === 'supervisor') return inOwnAreaOrNone(ctx, grievances.areaId)
  return and(eq(grievances.organizationId, organizationId), isNull(residents.erasedAt))
}

function selectGrievances(ctx: Context, where: SQL | undefined) {
  return query(ctx)
    .select(getTableColumns(grievances))
    .from(grievances)
    .leftJoin(residents, eq(residents.id, grievances.residentId))
    .where(where)
    .$dynamic()
}

/** Only the person's own app knows the person. */
function shownTo({ actor }: Context): (row: GrievanceRow) => GrievanceRow {
  return (row) => (actor.role === 'partner' ? row : { ...row, residentId: null })
}
