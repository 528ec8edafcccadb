import { jsonb, pgTable, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { organizations } from '../identity/tables.ts'
import { residents } from '../residents/tables.ts'
import type { Erased } from './schemas.ts'

/** Receipts of erasures: when, for whom, and how many rows of what; nothing of what was in them. */
export const erasures = pgTable('erasures', {
  id: id(),
  residentId: uuid('resident_id')
    .notNull()
    .unique('erasures_resident')
    .references(() => residents.id),
  organizationId: uuid('organization_id')
    .notNull()
    .references(() => organizations.id),
  erased: jsonb('erased').$type<Erased>().notNull(),
  at: instant('at').notNull(),
})
