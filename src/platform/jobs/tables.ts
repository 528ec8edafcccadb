import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { id, instant } from '../db/columns.ts'

/** The outbox: a job is a row written in the caller's transaction; the queue only carries its id. */
export const jobs = pgTable(
  'jobs',
  {
    id: id(),
    name: text('name').notNull(),
    /** Names the effect: of two jobs with one key, only the first is kept. */
    key: text('key'),
    payload: jsonb('payload').notNull(),
    /** On whose behalf the job runs. */
    actor: jsonb('actor').notNull(),
    createdAt: instant('created_at').notNull(),
    availableAt: instant('available_at').notNull(),
    sentAt: instant('sent_at'),
    attempts: integer('attempts').notNull().default(0),
    doneAt: instant('done_at'),
    failedAt: instant('failed_at'),
    error: text('error'),
  },
  (table) => [
    uniqueIndex('jobs_key').on(table.key),
    index('jobs_open')
      .on(table.availableAt, table.id)
      .where(sql`${table.doneAt} is null and ${table.failedAt} is null`),
  ],
)
