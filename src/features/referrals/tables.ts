import { sql } from 'drizzle-orm'
import { char, check, index, integer, jsonb, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { amount, id, instant } from '../../platform/db/columns.ts'
import { organizations, principals } from '../identity/tables.ts'
import { matches } from '../matching/tables.ts'
import { residents } from '../residents/tables.ts'
import type { LinkAction } from './schemas.ts'

/** The ten statuses of Gravity's closed-loop referral (FHIR Task). */
export const referralStatus = pgEnum('referral_status', [
  'draft',
  'requested',
  'accepted',
  'rejected',
  'in-progress',
  'on-hold',
  'completed',
  'cancelled',
  'failed',
  'entered-in-error',
])

export const residentAnswer = pgEnum('resident_answer', ['accepted', 'declined'])

/** One per approved match: the provider's order, the resident's appointment. */
export const referrals = pgTable(
  'referrals',
  {
    id: id(),
    matchId: uuid('match_id')
      .notNull()
      .unique('referrals_match')
      .references(() => matches.id),
    residentId: uuid('resident_id')
      .notNull()
      .references(() => residents.id),
    providerId: uuid('provider_id')
      .notNull()
      .references(() => organizations.id),
    partnerId: uuid('partner_id')
      .notNull()
      .references(() => organizations.id),
    /** Whose run or program it comes from; null where the resident booked and pays alone. */
    purchaserId: uuid('purchaser_id').references(() => organizations.id),
    quantity: integer('quantity').notNull(),
    status: referralStatus('status').notNull(),
    statusReason: text('status_reason'),
    /** What the resident said to the offer; null = nothing yet. Who books has said yes. */
    residentAnswer: residentAnswer('resident_answer'),
    residentAnsweredAt: instant('resident_answered_at'),
    /** Until when resident and provider have to answer; then the offer expires. Null = no deadline. */
    answerBy: instant('answer_by'),
    /** When the service began; null before. */
    startedAt: instant('started_at'),
    /** Since when an appeal stays every deadline; null = none does. */
    stayedAt: instant('stayed_at'),
    /** Days that appeals have stayed it so far: its deadlines after the month are later by them. */
    stayedDays: integer('stayed_days').notNull().default(0),
    /** Since when it must not begin: its provider is suspended, and nobody has decided yet whether it goes on. */
    suspendedAt: instant('suspended_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [
    index('referrals_provider').on(table.providerId),
    index('referrals_partner').on(table.partnerId),
    index('referrals_purchaser').on(table.purchaserId),
    index('referrals_resident').on(table.residentId),
    index('referrals_unanswered').on(table.answerBy).where(sql`${table.status} in ('requested', 'accepted')`),
  ],
)

export const deliveryState = pgEnum('delivery_state', [
  'recorded',
  'confirmed',
  'disputed',
  'sustained',
  'annulled',
])

/** Units that a provider says it has delivered, and what the resident says to it. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: id(),
    referralId: uuid('referral_id')
      .notNull()
      .references(() => referrals.id),
    units: integer('units').notNull(),
    deliveredAt: instant('delivered_at').notNull(),
    /** SHA-256 of what proves it, kept by the provider. */
    evidenceHash: char('evidence_hash', { length: 64 }),
    /** What the units cost, in minor units: the fund's part and the resident's. */
    subsidy: amount('subsidy').notNull(),
    copayment: amount('copayment').notNull(),
    state: deliveryState('state').notNull(),
    disputeReason: text('dispute_reason'),
    /** The resident's own words; erased with the resident. */
    comment: text('comment'),
    /** Who decided the dispute: `sustained` counts as before, `annulled` counts no more. */
    decidedBy: uuid('decided_by').references(() => principals.id),
    decidedAt: instant('decided_at'),
    /** The officer's words on it; erased with the resident. */
    decisionComment: text('decision_comment'),
    /** When a settlement paid for it; null before, and again once a correction took that back. */
    settledAt: instant('settled_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    answeredAt: instant('answered_at'),
  },
  (table) => [
    index('deliveries_referral').on(table.referralId),
    check('deliveries_units', sql`${table.units} > 0`),
  ],
)

/** Links by which a resident answers without an app: signed, for one use, until they expire. */
export const actionLinks = pgTable(
  'action_links',
  {
    id: id(),
    referralId: uuid('referral_id')
      .notNull()
      .references(() => referrals.id),
    deliveryId: uuid('delivery_id').references(() => deliveries.id),
    /** What the page behind the link offers to do; one of it is done, once. */
    actions: jsonb('actions').$type<LinkAction[]>().notNull(),
    /** Who made the link: what is done through it is done in that app's name. */
    principalId: uuid('principal_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('action_links_referral').on(table.referralId)],
)
