import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import type { AreaRow } from './create-area.ts'
import type { AreasQuery } from './schemas.ts'
import { areas } from './tables.ts'

/** Areas in order of creation: all, the parts of one, or one kind. */
export async function listAreas(
  ctx: Context,
  { limit, cursor, parentId, kind }: AreasQuery,
): Promise<Page<AreaRow>> {
  permit(ctx, 'area.read')
  const rows = await query(ctx)
    .select()
    .from(areas)
    .where(
      and(
        cursor ? gt(areas.id, cursor) : undefined,
        parentId ? eq(areas.parentId, parentId) : undefined,
        kind ? eq(areas.kind, kind) : undefined,
      ),
    )
    .orderBy(asc(areas.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found`. */
export async function getArea(ctx: Context, id: string): Promise<AreaRow> {
  permit(ctx, 'area.read')
  const [row] = await query(ctx).select().from(areas).where(eq(areas.id, id))
  return found(row, 'area')
}
