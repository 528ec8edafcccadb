import { sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import type { AreaKind } from './schemas.ts'
import { areas } from './tables.ts'

export interface Ancestor {
  id: string
  kind: AreaKind
}

/** The area itself, the one it lies in, and so on to the top; empty for an unknown area. */
export async function areaLineage(ctx: Context, areaId: string): Promise<Ancestor[]> {
  const { rows } = (await query(ctx).execute(sql`
    with recursive lineage(id, parent_id, kind, depth) as (
      select ${areas.id}, ${areas.parentId}, ${areas.kind}, 0 from ${areas} where ${areas.id} = ${areaId}
      union all
      select ${areas.id}, ${areas.parentId}, ${areas.kind}, depth + 1
      from ${areas} join lineage on ${areas.id} = lineage.parent_id
    )
    select id, kind from lineage order by depth`)) as unknown as { rows: Ancestor[] }
  return rows
}
