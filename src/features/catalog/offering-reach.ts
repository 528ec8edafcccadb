import { inArray, or, type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../platform/context.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { locations, offerings } from './tables.ts'

/**
 * Which offerings a purchaser or supervisor looks after: those located in their area, and those that name a part of it
 * as served. Undefined = every one. For queries that join locations.
 */
export async function areasWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { areaId } = ctx.actor
  if (!areaId) return undefined
  const ids = await areaSubtree(ctx, areaId)
  if (ids.length === 0) return sql`false`
  const served = sql`select 1 from jsonb_array_elements_text(${offerings.serviceAreaIds}) as served(id)
    where ${inArray(sql`served.id`, ids)}`
  return or(inArray(locations.areaId, ids), sql`exists (${served})`)
}
