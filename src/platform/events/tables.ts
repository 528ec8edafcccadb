import { bigserial, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../db/columns.ts'

/** What happened, written in the transaction that made it happen: the source of webhooks and SSE. */
export const events = pgTable(
  'events',
  {
    id: id(),
    position: bigserial('position', { mode: 'number' }).notNull().unique('events_position'),
    at: instant('at').notNull(),
    /** `<object>.<past participle>`, such as `referral.opened`. */
    type: text('type').notNull(),
    objectId: uuid('object_id').notNull(),
    /** The organizations that the event concerns. */
    audience: uuid('audience').array().notNull(),
    data: jsonb('data').notNull(),
  },
  (table) => [index('events_object').on(table.objectId)],
)

/** How far a reader of events has come: written in the transaction that acts on what it has read. */
export const eventReaders = pgTable('event_readers', {
  name: text('name').primaryKey(),
  /** As `encodeSeen` writes it. */
  seen: text('seen').notNull(),
})
