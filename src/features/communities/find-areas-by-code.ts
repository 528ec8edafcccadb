import { inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { areas } from './tables.ts'

/** The ids of areas by their official codes; a code that no area has is not in it. Asks for no permission of its own. */
export async function findAreasByCode(ctx: Context, codes: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const chunk of chunks([...new Set(codes)])) {
    const rows = await query(ctx)
      .select({ id: areas.id, code: areas.code })
      .from(areas)
      .where(inArray(areas.code, chunk))
    for (const { id, code } of rows) ids.set(code, id)
  }
  return ids
}
