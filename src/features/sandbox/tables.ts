import { sql } from 'drizzle-orm'
import { boolean, check, pgTable } from 'drizzle-orm/pg-core'
import { amount } from '../../platform/db/columns.ts'

/** How far the clock of a sandbox is ahead of the machine's: one row at most. */
export const sandboxClock = pgTable(
  'sandbox_clock',
  {
    only: boolean('only').primaryKey().default(true),
    aheadMs: amount('ahead_ms').notNull(),
  },
  (table) => [check('sandbox_clock_one', sql`${table.only}`)],
)
