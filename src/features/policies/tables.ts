import { sql } from 'drizzle-orm'
import { check, integer, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { principals } from '../identity/tables.ts'
import type { PolicyDocument } from './schemas.ts'

export const policyState = pgEnum('policy_state', ['draft', 'consultation', 'adopted', 'superseded'])

/**
 * Versions of the matching policy; exactly one is adopted. Triggers refuse every step but the next, and changes to a
 * document that is out for consultation or adopted.
 */
export const policies = pgTable(
  'policies',
  {
    id: id(),
    number: integer('number').notNull().unique('policies_number'),
    state: policyState('state').notNull(),
    document: jsonb('document').$type<PolicyDocument>().notNull(),
    text: text('text').notNull(),
    /** Null = installed with the deployment. */
    draftedBy: uuid('drafted_by').references(() => principals.id),
    /** The window of the consultation; null before there is one. */
    consultedFrom: instant('consulted_from'),
    consultedUntil: instant('consulted_until'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    adoptedAt: instant('adopted_at'),
  },
  (table) => [
    uniqueIndex('policies_one_adopted').on(table.state).where(sql`${table.state} = 'adopted'`),
    check('policies_consultation_window', sql`${table.consultedUntil} > ${table.consultedFrom}`),
    check('policies_adopted_after_consultation', sql`${table.adoptedAt} >= ${table.consultedUntil}`),
  ],
)
