import { index, integer, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant } from '../../platform/db/columns.ts'
import { organizations } from '../identity/tables.ts'
import { matches } from '../matching/tables.ts'
import { residents } from '../residents/tables.ts'

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
    purchaserId: uuid('purchaser_id')
      .notNull()
      .references(() => organizations.id),
    quantity: integer('quantity').notNull(),
    status: referralStatus('status').notNull(),
    statusReason: text('status_reason'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [
    index('referrals_provider').on(table.providerId),
    index('referrals_partner').on(table.partnerId),
    index('referrals_purchaser').on(table.purchaserId),
    index('referrals_resident').on(table.residentId),
  ],
)
