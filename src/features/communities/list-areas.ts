import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { areasAround } from './areas-around.ts'
import type { AreaRow } from './create-area.ts'
import type { AreasQuery } from './schemas.ts'
import { areas } from './tables.ts'

/** Areas in order of creation: all, the parts of one, one kind, or those that hold a point. */
export async function listAreas(
  ctx: Context,
  { limit, cursor, parentId, kind, at }: AreasQuery,
): Promise<Page<AreaRow>> {
  permit(ctx, 'area.read')
  const around = at ? (await areasAround(ctx, [at]))[0]! : null
  const rows = await query(ctx)
    .select()
    .from(areas)
    .where(
      and(
        around ? inArray(areas.id, around) : undefined,
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
