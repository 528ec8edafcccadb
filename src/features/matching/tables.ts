import { sql } from 'drizzle-orm'
import {
  char,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  real,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { offerings } from '../catalog/tables.ts'
import { areas } from '../communities/tables.ts'
import { organizations } from '../identity/tables.ts'
import { policies } from '../policies/tables.ts'
import { programs } from '../programs/tables.ts'
import { needs, residents } from '../residents/tables.ts'
import type { Explanation, RunProgress, RunResult, UtilityParts } from './schemas.ts'

export const runState = pgEnum('run_state', [
  'queued',
  'running',
  'proposed',
  'approved',
  'failed',
  'cancelled',
])

/** One matching of an area's needs for a period; its matches hold what they take until they are reviewed. */
export const matchRuns = pgTable(
  'match_runs',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    period: text('period').notNull(),
    policyId: uuid('policy_id')
      .notNull()
      .references(() => policies.id),
    seed: integer('seed').notNull(),
    rounds: integer('rounds').notNull(),
    state: runState('state').notNull(),
    progress: jsonb('progress').$type<RunProgress>().notNull(),
    result: jsonb('result').$type<RunResult>(),
    /** SHA-256 of everything the run read: what a replay is checked against. */
    snapshotHash: char('snapshot_hash', { length: 64 }),
    /** SHA-256 of the choice made for every need, by the needs' and options' order. */
    assignmentHash: char('assignment_hash', { length: 64 }),
    failure: text('failure'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    index('match_runs_organization').on(table.organizationId),
    // Two runs over one area and period at a time would compete for the same needs.
    uniqueIndex('match_runs_one_active')
      .on(table.areaId, table.period)
      .where(sql`${table.state} in ('queued', 'running')`),
  ],
)

export const matchState = pgEnum('match_state', ['proposed', 'approved', 'excluded', 'released'])

/** A need paired with an offering and a payer; its id names the bundle of holds in the ledger. */
export const matches = pgTable(
  'matches',
  {
    id: id(),
    /** Null where the resident booked it. */
    runId: uuid('run_id').references(() => matchRuns.id),
    needId: uuid('need_id')
      .notNull()
      .references(() => needs.id),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    offeringId: uuid('offering_id')
      .notNull()
      .references(() => offerings.id),
    /** The program that pays a part; null = the resident pays alone. */
    programId: uuid('program_id').references(() => programs.id),
    quantity: integer('quantity').notNull(),
    /** Minor units for the whole quantity: price = subsidy + copayment. */
    price: amount('price').notNull(),
    subsidy: amount('subsidy').notNull(),
    copayment: amount('copayment').notNull(),
    walkingMinutes: real('walking_minutes'),
    utility: amount('utility').notNull(),
    parts: jsonb('parts').$type<UtilityParts>().notNull(),
    state: matchState('state').notNull(),
    exclusionReason: text('exclusion_reason'),
    version: integer('version').notNull().default(1),
  },
  (table) => [
    index('matches_run').on(table.runId),
    // A need is served once: whatever runs and bookings do, the database keeps a second match out.
    uniqueIndex('matches_one_per_need')
      .on(table.needId)
      .where(sql`${table.state} in ('proposed', 'approved')`),
    index('matches_offering').on(table.offeringId),
  ],
)

/** What a run found for each of its needs: matched, or unmet with the reason; the evidence either way. Written by the bulk lane. */
export const runNeeds = pgTable(
  'run_needs',
  {
    runId: uuid('run_id')
      .notNull()
      .references(() => matchRuns.id),
    needId: uuid('need_id')
      .notNull()
      .references(() => needs.id),
    /** Coded reason of an unmet need; null when matched. */
    reason: text('reason'),
    explanation: jsonb('explanation').$type<Explanation>().notNull(),
  },
  (table) => [
    primaryKey({ name: 'run_needs_one_per_need', columns: [table.runId, table.needId] }),
    index('run_needs_need').on(table.needId),
  ],
)

/** Shadow prices of a run's shared accounts, in utility per unit; an account that is not here was not scarce. */
export const runPrices = pgTable(
  'run_prices',
  {
    runId: uuid('run_id')
      .notNull()
      .references(() => matchRuns.id),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id),
    price: doublePrecision('price').notNull(),
  },
  (table) => [primaryKey({ name: 'run_prices_one_per_account', columns: [table.runId, table.accountId] })],
)
