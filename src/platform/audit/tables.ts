import { bigserial, char, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../db/columns.ts'

/** Who did what to which object; append-only (a trigger refuses changes). */
export const auditEntries = pgTable(
  'audit_entries',
  {
    id: id(),
    /** Order of the log; given out at insert, sealed in this order. */
    position: bigserial('position', { mode: 'number' }).notNull().unique('audit_entries_position'),
    at: instant('at').notNull(),
    principalId: uuid('principal_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    /** `<object>.<verb>`, the same word as the verb file and the operationId. */
    action: text('action').notNull(),
    objectId: uuid('object_id').notNull(),
    facts: jsonb('facts').notNull(),
  },
  (table) => [index('audit_entries_object').on(table.objectId)],
)

/** A sealed batch of entries: its hash covers every entry and the seal before, so a change shows. */
export const auditSeals = pgTable('audit_seals', {
  id: id(),
  number: amount('number').notNull().unique('audit_seals_number'),
  at: instant('at').notNull(),
  /** Entries with fromPosition ≤ position ≤ toPosition that existed when the batch was sealed. */
  fromPosition: amount('from_position').notNull(),
  toPosition: amount('to_position').notNull(),
  entries: amount('entries').notNull(),
  hash: char('hash', { length: 64 }).notNull(),
})
