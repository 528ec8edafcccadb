import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../db/columns.ts'

/**
 * Scarce things (fund, wallet, subsidy_cap, capacity, staff_time) are debited; what they turn into
 * (receivable: money owed to a provider; consumed: places and time given) is credited.
 */
export const accountKind = pgEnum('account_kind', [
  'fund',
  'wallet',
  'subsidy_cap',
  'capacity',
  'staff_time',
  'receivable',
  'consumed',
])

export const transferPhase = pgEnum('transfer_phase', [
  'hold',
  'commit',
  'release',
  'settle',
  'revert',
  'unsettle',
])

/**
 * One account of one owner for one period. `held` and `spent` count what it gave (pending and final),
 * `incoming`, `received` and `settled` what it got. The check makes overcommitting impossible, whatever the code does.
 */
export const accounts = pgTable(
  'accounts',
  {
    id: id(),
    kind: accountKind('kind').notNull(),
    ownerId: uuid('owner_id').notNull(),
    /** Calendar month; '' for accounts that outlive months. */
    period: text('period').notNull(),
    /** ISO 4217 code for money, otherwise the unit of service or `minute`. */
    unit: text('unit').notNull(),
    limit: amount('limit').notNull().default(0),
    held: amount('held').notNull().default(0),
    spent: amount('spent').notNull().default(0),
    incoming: amount('incoming').notNull().default(0),
    received: amount('received').notNull().default(0),
    settled: amount('settled').notNull().default(0),
  },
  (table) => [
    unique('accounts_one_per_owner').on(table.kind, table.ownerId, table.period, table.unit),
    check(
      'accounts_within_limit',
      sql`${table.held} >= 0 and ${table.spent} >= 0 and ${table.held} + ${table.spent} <= ${table.limit}`,
    ),
    check(
      'accounts_settled_within_received',
      sql`${table.incoming} >= 0 and ${table.settled} >= 0 and ${table.settled} <= ${table.received}`,
    ),
  ],
)

/** Append-only (a trigger refuses changes): every balance is the sum of its transfers. */
export const transfers = pgTable(
  'transfers',
  {
    id: id(),
    /** Names the posting: the same key again is the same transfer. */
    key: text('key').notNull().unique('transfers_key'),
    phase: transferPhase('phase').notNull(),
    /** All transfers of one match, booking or amendment. */
    bundleId: uuid('bundle_id').notNull(),
    debitId: uuid('debit_id')
      .notNull()
      .references(() => accounts.id),
    creditId: uuid('credit_id')
      .notNull()
      .references(() => accounts.id),
    amount: amount('amount').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    index('transfers_bundle').on(table.bundleId),
    index('transfers_debit').on(table.debitId),
    index('transfers_credit').on(table.creditId),
    check('transfers_positive', sql`${table.amount} > 0`),
    check('transfers_two_accounts', sql`${table.debitId} <> ${table.creditId}`),
  ],
)

/**
 * What is still open of a bundle's use of one account: hold − commit − release. The database refuses a
 * commit or release of more than was held, whatever order postings arrive in.
 */
export const holds = pgTable(
  'holds',
  {
    id: id(),
    bundleId: uuid('bundle_id').notNull(),
    debitId: uuid('debit_id')
      .notNull()
      .references(() => accounts.id),
    creditId: uuid('credit_id')
      .notNull()
      .references(() => accounts.id),
    open: amount('open').notNull(),
    committed: amount('committed').notNull().default(0),
    settled: amount('settled').notNull().default(0),
  },
  (table) => [
    unique('holds_one_per_pair').on(table.bundleId, table.debitId, table.creditId),
    check('holds_not_overdrawn', sql`${table.open} >= 0 and ${table.settled} <= ${table.committed}`),
  ],
)
