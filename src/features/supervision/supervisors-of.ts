import { and, eq, inArray, isNull, or } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { areaLineage } from '../communities/area-lineage.ts'
import { principals } from '../identity/tables.ts'

/** The supervising bodies that look after an area, in order of id; those who look after all where none is known. */
export async function supervisorsOf(ctx: Context, areaId: string | null): Promise<string[]> {
  const around = areaId ? (await areaLineage(ctx, areaId)).map(({ id }) => id) : []
  const { organizationId, role, active } = principals
  const rows = await query(ctx)
    .selectDistinct({ organizationId })
    .from(principals)
    .where(
      and(
        eq(role, 'supervisor'),
        eq(active, true),
        or(isNull(principals.areaId), inArray(principals.areaId, around)),
      ),
    )
    .orderBy(organizationId)
  return rows.map((row) => row.organizationId)
}
