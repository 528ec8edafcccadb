import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'

/**
 * Whether a column of uuids holds one of many, as one parameter: with a parameter for each, `inArray` takes longer to
 * write the statement than the database to answer it.
 */
export function isOneOf(column: PgColumn, uuids: readonly string[]): SQL {
  return sql`${column} = any(${`{${uuids.join(',')}}`}::uuid[])`
}
