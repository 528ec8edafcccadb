import { sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { areas } from './tables.ts'

/**
 * Ids of the area and of everything in it; empty for an unknown area. Other features ask it for their actor's reach,
 * so it asks for no permission of its own.
 */
export async function areaSubtree(ctx: Context, areaId: string): Promise<string[]> {
  const { rows } = (await query(ctx).execute(sql`
    with recursive subtree(id) as (
      select ${areas.id} from ${areas} where ${areas.id} = ${areaId}
      union
      select ${areas.id} from ${areas} join subtree on ${areas.parentId} = subtree.id
    )
    select id from subtree order by id`)) as unknown as { rows: { id: string }[] }
  return rows.map((row) => row.id)
}
