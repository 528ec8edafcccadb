import { sql } from 'drizzle-orm'
import {
  check,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { category, tier } from '../catalog/tables.ts'
import { areas } from '../communities/tables.ts'
import { organizations } from '../identity/tables.ts'
import { referrals } from '../referrals/tables.ts'
import { needs, residents } from '../residents/tables.ts'

export const feedbackOutcome = pgEnum('feedback_outcome', ['got_help', 'partly', 'not_helped', 'no_contact'])

/** Whether a service helped, in the resident's own judgment: once a referral. */
export const feedback = pgTable(
  'feedback',
  {
    id: id(),
    referralId: uuid('referral_id')
      .notNull()
      .unique('feedback_referral')
      .references(() => referrals.id),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    providerId: uuid('provider_id')
      .notNull()
      .references(() => organizations.id),
    outcome: feedbackOutcome('outcome').notNull(),
    /** 1 … 5; null = not rated. */
    rating: integer('rating'),
    /** The resident's own words; erased with the resident. */
    text: text('text'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('feedback_resident').on(table.residentId),
    index('feedback_provider').on(table.providerId),
    check('feedback_rating', sql`${table.rating} between 1 and 5`),
  ],
)

export const petitionState = pgEnum('petition_state', ['open', 'answered'])

/** A need that nobody serves, put to providers and purchasers; residents co-sign it. */
export const petitions = pgTable(
  'petitions',
  {
    id: id(),
    /** The partner whose resident began it. */
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    needId: uuid('need_id')
      .notNull()
      .unique('petitions_need')
      .references(() => needs.id),
    areaId: uuid('area_id')
      .notNull()
      .references(() => areas.id),
    category: category('category').notNull(),
    term: text('term').notNull(),
    tier: tier('tier').notNull(),
    /** The resident's own words; erased with the resident. */
    text: text('text'),
    state: petitionState('state').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('petitions_area').on(table.areaId),
    // Who asks for the same signs the one there is.
    uniqueIndex('petitions_one_open')
      .on(table.areaId, table.category, table.term)
      .where(sql`${table.state} = 'open'`),
  ],
)

/** Who stands behind a petition; who began it does too. */
export const petitionSignatures = pgTable(
  'petition_signatures',
  {
    petitionId: uuid('petition_id')
      .notNull()
      .references(() => petitions.id),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'petition_signatures_one_each', columns: [table.petitionId, table.residentId] }),
    index('petition_signatures_resident').on(table.residentId),
  ],
)

/** What a provider or purchaser says to a petition. */
export const petitionAnswers = pgTable(
  'petition_answers',
  {
    id: id(),
    petitionId: uuid('petition_id')
      .notNull()
      .references(() => petitions.id),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    text: text('text').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [index('petition_answers_petition').on(table.petitionId)],
)
