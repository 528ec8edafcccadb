import { sql } from 'drizzle-orm'
import { char, check, index, integer, jsonb, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { areas } from '../communities/tables.ts'
import { organizations, principals } from '../identity/tables.ts'
import type { Rule } from '../policies/eligibility.ts'
import type { Category, Tier } from '../policies/schemas.ts'

export const programState = pgEnum('program_state', [
  'draft',
  'submitted',
  'approved',
  'open',
  'frozen',
  'closed',
])

/** Which of its two parts a subsidy takes from the price first; the other is reckoned from what is left. */
export const subsidyOrder = pgEnum('subsidy_order', ['share_first', 'fixed_first'])

/** A purchaser's fund for a period: whom and what it pays for, and how much of the price. */
export const programs = pgTable(
  'programs',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    period: text('period').notNull(),
    name: text('name').notNull(),
    categories: jsonb('categories').$type<Category[]>().notNull(),
    tiers: jsonb('tiers').$type<Tier[]>().notNull(),
    eligibility: jsonb('eligibility').$type<Rule>(),
    /** Minor units; becomes the limit of the fund account. */
    budget: amount('budget').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** Basis points of the price the fund pays, 0 … 10000. */
    subsidyShare: integer('subsidy_share').notNull(),
    /** Paid per unit of service besides the share, minor units. */
    subsidyFixed: amount('subsidy_fixed').notNull().default(0),
    subsidyOrder: subsidyOrder('subsidy_order').notNull().default('share_first'),
    /** Price per unit up to which the fund pays a part; what is above it, the resident pays. Null = no ceiling. */
    priceCeiling: amount('price_ceiling'),
    /** Most the fund pays per unit of service, minor units. */
    unitCap: amount('unit_cap'),
    /** Most the fund pays per resident and period, minor units. */
    residentCap: amount('resident_cap'),
    state: programState('state').notNull(),
    fundAccountId: uuid('fund_account_id').references(() => accounts.id),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('programs_area_period').on(table.areaId, table.period),
    check('programs_subsidy_share', sql`${table.subsidyShare} between 0 and 10000`),
    check('programs_budget', sql`${table.budget} >= 0`),
    check('programs_subsidy_fixed', sql`${table.subsidyFixed} >= 0`),
  ],
)

/** Changes of an open program's budget; append-only. */
export const programAmendments = pgTable(
  'program_amendments',
  {
    id: id(),
    programId: uuid('program_id')
      .notNull()
      .references(() => programs.id),
    principalId: uuid('principal_id')
      .notNull()
      .references(() => principals.id),
    /** Minor units. */
    before: amount('before').notNull(),
    after: amount('after').notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [index('program_amendments_program').on(table.programId)],
)
