import { sql } from 'drizzle-orm'
import {
  boolean,
  char,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { category, tier } from '../catalog/tables.ts'
import { areas } from '../communities/tables.ts'
import { organizations } from '../identity/tables.ts'
import type { ConsentFact } from './schemas.ts'

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
    /** HMAC of the partner's reference: finds it again, tells nothing. */
    referenceHash: char('reference_hash', { length: 64 }).notNull(),
    /** The reference itself, AES-256-GCM, with the id of the key: given back to the partner only. */
    referenceSealed: text('reference_sealed').notNull(),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    /** Rounded to ≤ 100 m. */
    latitude: doublePrecision('latitude').notNull(),
    longitude: doublePrecision('longitude').notNull(),
    birthYear: integer('birth_year'),
    mobility: mobility('mobility'),
    careLevel: integer('care_level'),
    incomeClass: incomeClass('income_class'),
    livesAlone: boolean('lives_alone'),
    languages: jsonb('languages').$type<string[]>().notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('residents_reference').on(table.organizationId, table.referenceHash),
    index('residents_area').on(table.areaId),
    check('residents_care_level', sql`${table.careLevel} between 0 and 8`),
  ],
)

export const consentPurpose = pgEnum('consent_purpose', ['matching', 'referral', 'statistics'])

/** Receipts: which facts may be used for what. A fact without one is invisible to matching. */
export const consents = pgTable(
  'consents',
  {
    id: id(),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    purpose: consentPurpose('purpose').notNull(),
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
    /** Longest walk the resident accepts; null = the policy's reach. */
    maxWalkingMinutes: integer('max_walking_minutes'),
    waitingSince: instant('waiting_since').notNull(),
    state: needState('state').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('needs_period').on(table.period, table.state),
    uniqueIndex('needs_one_open_per_term')
      .on(table.residentId, table.period, table.category, table.term)
      .where(sql`${table.state} not in ('withdrawn', 'expired')`),
    check('needs_quantity', sql`${table.quantity} > 0`),
  ],
)
