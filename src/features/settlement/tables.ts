import { sql } from 'drizzle-orm'
import { char, check, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { organizations, principals } from '../identity/tables.ts'
import { matches } from '../matching/tables.ts'
import { programs } from '../programs/tables.ts'
import { deliveries } from '../referrals/tables.ts'

/** A program's month, closed: what came after it is settled in the next. Immutable, as all that belongs to it. */
export const settlements = pgTable(
  'settlements',
  {
    id: id(),
    programId: uuid('program_id')
      .notNull()
      .references(() => programs.id),
    /** Calendar month that is closed. */
    period: text('period').notNull(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    settledBy: uuid('settled_by')
      .notNull()
      .references(() => principals.id),
    currency: char('currency', { length: 3 }).notNull(),
    /** Sums of its statements, in minor units: price = subsidy + copayment. */
    price: amount('price').notNull(),
    subsidy: amount('subsidy').notNull(),
    copayment: amount('copayment').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('settlements_once').on(table.programId, table.period),
    check('settlements_sum', sql`${table.price} = ${table.subsidy} + ${table.copayment}`),
  ],
)

/** What one provider is owed by a settlement. */
export const statements = pgTable(
  'statements',
  {
    id: id(),
    settlementId: uuid('settlement_id')
      .notNull()
      .references(() => settlements.id),
    providerId: uuid('provider_id')
      .notNull()
      .references(() => organizations.id),
    lines: integer('lines').notNull(),
    price: amount('price').notNull(),
    subsidy: amount('subsidy').notNull(),
    copayment: amount('copayment').notNull(),
  },
  (table) => [
    unique('statements_one_a_provider').on(table.settlementId, table.providerId),
    index('statements_provider').on(table.providerId),
    check('statements_sum', sql`${table.price} = ${table.subsidy} + ${table.copayment}`),
  ],
)

/** A delivery that is paid for, or one paid for before that was annulled since: with the sign turned. */
export const lineKind = pgEnum('line_kind', ['delivery', 'correction'])

export const statementLines = pgTable(
  'statement_lines',
  {
    id: id(),
    statementId: uuid('statement_id')
      .notNull()
      .references(() => statements.id),
    deliveryId: uuid('delivery_id')
      .notNull()
      .references(() => deliveries.id),
    matchId: uuid('match_id')
      .notNull()
      .references(() => matches.id),
    kind: lineKind('kind').notNull(),
    units: integer('units').notNull(),
    price: amount('price').notNull(),
    subsidy: amount('subsidy').notNull(),
    copayment: amount('copayment').notNull(),
  },
  (table) => [
    unique('statement_lines_once').on(table.deliveryId, table.kind),
    index('statement_lines_statement').on(table.statementId),
    check('statement_lines_sum', sql`${table.price} = ${table.subsidy} + ${table.copayment}`),
    check(
      'statement_lines_sign',
      sql`case ${table.kind} when 'delivery' then ${table.units} > 0 else ${table.units} < 0 end`,
    ),
  ],
)
