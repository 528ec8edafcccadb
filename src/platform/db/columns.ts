/** Columns that mean the same in every table. */
import { bigint, timestamp, uuid } from 'drizzle-orm/pg-core'

/** UUIDv7 made by the context's id source, so that order by id is order of creation. */
export const id = () => uuid('id').primaryKey()

/** An instant; stored with its zone, read as a `Date`. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })

/** Minor currency units, units of service or minutes: integers below 2^53. */
export const amount = (name: string) => bigint(name, { mode: 'number' })
