import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/**
 * Rows for `insert(table).select(…)`, as one parameter of JSON: with a parameter for each value, a statement takes
 * thrice as long to make as to run. What a row does not say is the column's default, where that is a plain value, or
 * null.
 */
export function rowsFrom(table: PgTable, rows: readonly object[]): SQL {
  const columns = Object.entries(getTableColumns(table))
  const given = rows.map((row) => {
    const named: Record<string, unknown> = {}
    for (const [key, column] of columns) {
      const told = (row as Record<string, unknown>)[key]
      const value = told === undefined ? column.default : told
      if (value !== undefined && value !== null) named[column.name] = value
    }
    return named
  })
  const names = sql.raw(columns.map(([, { name }]) => `"${name}"`).join(', '))
  return sql`select ${names} from jsonb_populate_recordset(null::${table}, ${JSON.stringify(given)}::jsonb)`
}
