import { sql } from 'drizzle-orm'
import { integer, jsonb, pgEnum, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import type { PolicyDocument } from './schemas.ts'

export const policyState = pgEnum('policy_state', ['draft', 'consultation', 'adopted', 'superseded'])

/** Versions of the matching policy; exactly one is adopted. A trigger refuses changes to an adopted document. */
export const policies = pgTable(
  'policies',
  {
    id: id(),
    number: integer('number').notNull().unique('policies_number'),
    state: policyState('state').notNull(),
    document: jsonb('document').$type<PolicyDocument>().notNull(),
    text: text('text').notNull(),
    createdAt: instant('created_at').notNull(),
    adoptedAt: instant('adopted_at'),
  },
  (table) => [uniqueIndex('policies_one_adopted').on(table.state).where(sql`${table.state} = 'adopted'`)],
)
