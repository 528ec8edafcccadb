import { and, asc, eq, getTableColumns, gt, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { ownResidents } from './find-resident.ts'
import type { NeedRow } from './register-need.ts'
import type { NeedsQuery } from './schemas.ts'
import { needs, residents } from './tables.ts'

/** Needs of the actor's residents in order of registration. */
export async function listNeeds(
  ctx: Context,
  { limit, cursor, residentId, period, state }: NeedsQuery,
): Promise<Page<NeedRow>> {
  permit(ctx, 'need.read')
  const rows = await select(
    ctx,
    and(
      cursor ? gt(needs.id, cursor) : undefined,
      residentId ? eq(needs.residentId, residentId) : undefined,
      period ? eq(needs.period, period) : undefined,
      state ? eq(needs.state, state) : undefined,
    ),
  )
    .orderBy(asc(needs.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`, also for a need of another partner's resident. */
export async function getNeed(ctx: Context, id: string): Promise<NeedRow> {
  permit(ctx, 'need.read')
  const [row] = await select(ctx, eq(needs.id, id))
  return found(row, 'need')
}

function select(ctx: Context, where: SQL | undefined) {
  return query(ctx)
    .select(getTableColumns(needs))
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(and(ownResidents(ctx), where))
}
