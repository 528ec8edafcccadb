import { sql } from 'drizzle-orm'
import {
  boolean,
  char,
  check,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { category, serviceUnit, tier } from '../catalog/tables.ts'
import { areas } from '../communities/tables.ts'
import { organizations } from '../identity/tables.ts'
import type { AcceptableHours, Assessment, ConsentFact, Preferences, Refusals } from './schemas.ts'

export const mobility = pgEnum('mobility', ['independent', 'slow', 'homebound'])
export const incomeClass = pgEnum('income_class', ['low', 'lower_middle', 'general'])

/** Pseudonymous residents: who they are is known to the partner app alone. */
export const residents = pgTable(
  'residents',
  {
    id: id(),
    /** The partner whose app registered the resident. */
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** HMAC of the partner's reference: finds it again, tells nothing. Null once erased. */
    referenceHash: char('reference_hash', { length: 64 }),
    /** The reference itself, AES-256-GCM, with the id of the key: given back to the partner only. Null once erased. */
    referenceSealed: text('reference_sealed'),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    /** Rounded to ≤ 100 m. Null once erased. */
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    birthYear: integer('birth_year'),
    mobility: mobility('mobility'),
    assessments: jsonb('assessments').$type<Assessment[]>().notNull().default([]),
    incomeClass: incomeClass('income_class'),
    livesAlone: boolean('lives_alone'),
    languages: jsonb('languages').$type<string[]>().notNull(),
    /** When the personal facts were erased: what is left keeps the books balanced and tells of nobody. */
    erasedAt: instant('erased_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('residents_reference').on(table.organizationId, table.referenceHash),
    index('residents_area').on(table.areaId),
    // Nothing of a person stays behind by oversight: the database itself sees to it.
    check(
      'residents_erased_whole',
      sql`${table.erasedAt} is null and ${table.referenceHash} is not null and ${table.referenceSealed} is not null
        and ${table.latitude} is not null and ${table.longitude} is not null
        or ${table.erasedAt} is not null and num_nonnulls(${table.referenceHash}, ${table.referenceSealed},
        ${table.latitude}, ${table.longitude}, ${table.birthYear}, ${table.mobility}, ${table.incomeClass},
        ${table.livesAlone}) = 0 and ${table.assessments} = '[]'::jsonb and ${table.languages} = '[]'::jsonb`,
    ),
  ],
)

export const consentPurpose = pgEnum('consent_purpose', ['matching', 'referral', 'statistics'])

/** Receipts: which facts may be used for what, by whom. A fact without one is invisible to everybody but its partner. */
export const consents = pgTable(
  'consents',
  {
    id: id(),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    purpose: consentPurpose('purpose').notNull(),
    /** The one organization that may use them; null = whoever serves the purpose. */
    recipientId: uuid('recipient_id').references(() => organizations.id),
    facts: jsonb('facts').$type<ConsentFact[]>().notNull(),
    givenAt: instant('given_at').notNull(),
    expiresAt: instant('expires_at'),
    withdrawnAt: instant('withdrawn_at'),
  },
  (table) => [index('consents_resident').on(table.residentId)],
)

export const needState = pgEnum('need_state', [
  'registered',
  'in_run',
  'matched',
  'in_service',
  'met',
  'unmet',
  'withdrawn',
  'expired',
])

/** How soon somebody who knows the case says it must be served; waiting adds to it by the policy. */
export const needPriority = pgEnum('need_priority', ['urgent', 'high', 'medium', 'standard'])

export const needs = pgTable(
  'needs',
  {
    id: id(),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    period: text('period').notNull(),
    category: category('category').notNull(),
    term: text('term').notNull(),
    tier: tier('tier').notNull(),
    /** Units of service wanted in the period. */
    quantity: integer('quantity').notNull(),
    /** The unit that the quantity counts; null = the offering's own, whatever it is. */
    unit: serviceUnit('unit'),
    /** Last day of a service that is wanted once (in the period); null = all through the period. */
    neededBy: date('needed_by', { mode: 'string' }),
    /** Weekly hours in which the resident can be served; null = any. */
    acceptableHours: jsonb('acceptable_hours').$type<AcceptableHours>(),
    preferences: jsonb('preferences').$type<Preferences>().notNull().default({}),
    refusals: jsonb('refusals').$type<Refusals>().notNull().default({}),
    /** Longest walk the resident accepts; null = the policy's reach. */
    maxWalkingMinutes: integer('max_walking_minutes'),
    waitingSince: instant('waiting_since').notNull(),
    priority: needPriority('priority').notNull().default('standard'),
    /** While an appeal is open, the need does not expire. */
    stayedAt: instant('stayed_at'),
    state: needState('state').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('needs_period').on(table.period, table.state),
    index('needs_resident').on(table.residentId),
    uniqueIndex('needs_one_open_per_term')
      .on(table.residentId, table.period, table.category, table.term)
      .where(sql`${table.state} not in ('withdrawn', 'expired')`),
    check('needs_quantity', sql`${table.quantity} > 0`),
  ],
)

/** The rule of a resident's wallet for a month; what is in it stands in the ledger's account of the same name. */
export const wallets = pgTable(
  'wallets',
  {
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    period: text('period').notNull(),
    /** Most minor units that go over into the next month; null = all that is left. */
    carryOverMost: amount('carry_over_most'),
  },
  (table) => [
    primaryKey({ columns: [table.residentId, table.period] }),
    check('wallets_carry_over', sql`${table.carryOverMost} >= 0`),
  ],
)

export const walletMovementKind = pgEnum('wallet_movement_kind', [
  'top_up',
  'carried_in',
  'carried_out',
  'erased',
])

/** What was put into a wallet or taken out beside services; append-only. The account's limit is the sum of them. */
export const walletMovements = pgTable(
  'wallet_movements',
  {
    id: id(),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    period: text('period').notNull(),
    kind: walletMovementKind('kind').notNull(),
    /** Minor units, with sign. */
    amount: amount('amount').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [index('wallet_movements_wallet').on(table.residentId, table.period)],
)
