import { type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../../platform/context.ts'
import type { AlertScope } from './alert-scope.ts'

/** Whether what is called `column` in a statement is an area of the scope. */
export function areaWithin({ areaIds }: AlertScope, column: string): SQL {
  if (areaIds === null) return sql`true`
  return sql`${sql.raw(column)} = any(${`{${areaIds.join(',')}}`}::uuid[])`
}

/** Whether an offering (`o`, at the location `l`) lies in the scope, or names a part of it as served. */
export function offeringWithin(scope: AlertScope): SQL {
  if (scope.areaIds === null) return sql`true`
  return sql`(${areaWithin(scope, 'l.area_id')} or exists (
    select from jsonb_array_elements_text(o.service_area_ids) as served(id)
    where ${areaWithin(scope, 'served.id::uuid')}))`
}

/** Runs a look's statement. */
export async function lookUp<Row>(ctx: Context, statement: SQL): Promise<Row[]> {
  const { rows } = (await query(ctx).execute(statement)) as unknown as { rows: Row[] }
  return rows
}

/** An instant as a parameter. */
export function instant(at: Date): SQL {
  return sql`${at.toISOString()}::timestamptz`
}
