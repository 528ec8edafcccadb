import { sql } from 'drizzle-orm'
import {
  char,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  real,
  text,
  unique,
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
import type { ReplayReport } from './replay-schemas.ts'
import type { Explanation, RunProgress, RunResult, UtilityParts } from './schemas.ts'
import type { SimulationReport } from './simulation-schemas.ts'

export const runState = pgEnum('run_state', [
  'queued',
  'running',
  'proposed',
  'approved',
  'failed',
  'cancelled',
  'returned',
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
    /** SHA-256 of everything that came out: choices, prices, figures. */
    resultHash: char('result_hash', { length: 64 }),
    /** The engine that solved it: another one may answer otherwise. */
    engineVersion: text('engine_version'),
    /** How often it was solved: once, and once more for every time that reviewers had it solved around their decisions. */
    revision: integer('revision').notNull().default(1),
    /** When that was asked for last: consents and waiting times are judged at it then. Null = never. */
    resolvedAt: instant('resolved_at'),
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

/** How a match came about: proposed by a run, booked by the resident, or into a place that became free. */
export const matchOrigin = pgEnum('match_origin', ['run', 'booking', 'backfill'])

export const matchState = pgEnum('match_state', ['proposed', 'approved', 'excluded', 'released'])

/** A need paired with an offering and a payer; its id names the bundle of holds in the ledger. */
export const matches = pgTable(
  'matches',
  {
    id: id(),
    origin: matchOrigin('origin').notNull().default('run'),
    /** Null where the resident booked it. Of a backfill: the run under whose approval the place was given first. */
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
    /** Why a reviewer wants it kept when the run is solved again; null = not pinned. */
    pinReason: text('pin_reason'),
    version: integer('version').notNull().default(1),
  },
  (table) => [
    index('matches_run').on(table.runId),
    // A need is served once: whatever runs and bookings do, the database keeps a second match out.
    uniqueIndex('matches_one_per_need')
      .on(table.needId)
      .where(sql`${table.state} in ('proposed', 'approved')`),
    index('matches_offering').on(table.offeringId),
    index('matches_program').on(table.programId),
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

/**
 * What a run read, one row a resident with their needs and one for the rest: sealed, because it is personal, and in
 * parts, so that an erasure takes a resident out of it. Written by the bulk lane.
 */
export const runSnapshotParts = pgTable(
  'run_snapshot_parts',
  {
    runId: uuid('run_id')
      .notNull()
      .references(() => matchRuns.id),
    /** Place in the snapshot; 0 = what is of no resident. */
    number: integer('number').notNull(),
    residentId: uuid('resident_id').references(() => residents.id),
    content: text('content').notNull(),
  },
  (table) => [
    primaryKey({ name: 'run_snapshot_parts_one_per_number', columns: [table.runId, table.number] }),
    index('run_snapshot_parts_resident').on(table.residentId),
  ],
)

export const workState = pgEnum('work_state', ['queued', 'running', 'finished', 'failed'])

/** A run solved once more from what it read, and whether the same came out. */
export const replays = pgTable(
  'replays',
  {
    id: id(),
    runId: uuid('run_id')
      .notNull()
      .references(() => matchRuns.id),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    state: workState('state').notNull(),
    report: jsonb('report').$type<ReplayReport>(),
    failure: text('failure'),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (table) => [index('replays_run').on(table.runId)],
)

/** What a policy draft or a program would have changed in a run that was solved before. */
export const simulations = pgTable(
  'simulations',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** The run whose snapshot is solved again. */
    runId: uuid('run_id')
      .notNull()
      .references(() => matchRuns.id),
    /** One of the two. */
    policyId: uuid('policy_id').references(() => policies.id),
    programId: uuid('program_id').references(() => programs.id),
    state: workState('state').notNull(),
    report: jsonb('report').$type<SimulationReport>(),
    failure: text('failure'),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    index('simulations_policy').on(table.policyId),
    index('simulations_program').on(table.programId),
    check('simulations_of_one', sql`num_nonnulls(${table.policyId}, ${table.programId}) = 1`),
  ],
)

/** After a no, the same is not offered again for a while: an offering or a whole provider, to one resident. */
export const coolOffs = pgTable(
  'cool_offs',
  {
    id: id(),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    /** One of the two. */
    offeringId: uuid('offering_id').references(() => offerings.id),
    organizationId: uuid('organization_id').references(() => organizations.id),
    reason: text('reason').notNull(),
    until: instant('until').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('cool_offs_resident').on(table.residentId, table.until),
    check('cool_offs_of_one', sql`num_nonnulls(${table.offeringId}, ${table.organizationId}) = 1`),
  ],
)

/**
 * A place that became free, and who got it: a row for every need that got of it, in order, and one more where nobody
 * wants what is left.
 */
export const backfills = pgTable(
  'backfills',
  {
    id: id(),
    /** The match that gave the place up. */
    freedMatchId: uuid('freed_match_id')
      .notNull()
      .references(() => matches.id),
    /** From 0: who got of it first. */
    position: integer('position').notNull(),
    offeringId: uuid('offering_id')
      .notNull()
      .references(() => offerings.id),
    period: text('period').notNull(),
    /** Waiting needs of the kind that may be within reach: among whom the best was looked for. */
    candidates: integer('candidates').notNull(),
    /** What the winner's need gains net of the prices of all else it takes; null where nobody got it. */
    bid: doublePrecision('bid'),
    /** Null where nobody waits for it. */
    matchId: uuid('match_id').references(() => matches.id),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('backfills_one_per_position').on(table.freedMatchId, table.position),
    index('backfills_offering').on(table.offeringId, table.period),
  ],
)
