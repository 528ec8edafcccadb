import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'

/** What a resident can do through a link. */
export const LinkAction = z.enum(['accept', 'decline', 'confirm_delivery', 'dispute_delivery'])
export type LinkAction = z.infer<typeof LinkAction>

/** Gravity's statuses (FHIR Task). */
export const ReferralStatus = z.enum([
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
export type ReferralStatus = z.infer<typeof ReferralStatus>

/** Which party may give which reason for what: `lifecycle.ts`. */
export const ReferralReason = z.enum([
  'no_capacity',
  'not_eligible',
  'too_far',
  'staff_missing',
  'conflict_of_interest',
  'resident_absent',
  'assessment_needed',
  'no_show',
  'no_contact',
  'resident_refused',
  'unsafe',
  'resident_declined',
  'resident_moved',
  'resident_in_hospital',
  'resident_died',
  'service_closed',
  'fund_withdrawn',
  'provider_suspended',
  'too_expensive',
  'wrong_time',
  'prefers_other_provider',
  'no_longer_needed',
  'health_changed',
  'no_answer',
  'not_started',
  'nothing_delivered',
  'resident_erased',
  'consent_withdrawn',
  'duplicate',
  'wrong_data',
  'other',
])
export type ReferralReason = z.infer<typeof ReferralReason>

export const ReferralMove = z
  .strictObject({
    reason: ReferralReason.nullable()
      .default(null)
      .openapi({ description: 'Which reasons fit depends on the move and on the party' }),
  })
  .openapi('ReferralMove')
export type ReferralMove = z.input<typeof ReferralMove>

/** Why a resident says no to an offer. */
export const RefusalReason = z.enum([
  'too_far',
  'too_expensive',
  'wrong_time',
  'prefers_other_provider',
  'no_longer_needed',
  'health_changed',
  'other',
])
export type RefusalReason = z.infer<typeof RefusalReason>

/** Without a comment: words that nobody needs are not asked for. */
export const OfferRefusal = z.strictObject({ reason: RefusalReason }).openapi('OfferRefusal')
export type OfferRefusal = z.input<typeof OfferRefusal>

export const Referral = z
  .object({
    id: z.uuid(),
    matchId: z.uuid(),
    residentId: z.uuid(),
    needId: z.uuid(),
    offeringId: z.uuid(),
    programId: z.uuid().nullable(),
    providerId: z.uuid(),
    partnerId: z.uuid(),
    purchaserId: z.uuid().nullable(),
    quantity: z.number().int(),
    price: z.number().int().openapi({ description: 'Minor units, = subsidy + copayment' }),
    subsidy: z.number().int(),
    copayment: z.number().int(),
    status: ReferralStatus,
    statusReason: z.string().nullable(),
    residentAnswer: z
      .enum(['accepted', 'declined'])
      .nullable()
      .openapi({ description: 'What the resident said; null = nothing yet' }),
    residentAnsweredAt: z.iso.datetime().nullable(),
    answerBy: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'When the offer expires unless both sides have answered; null = never' }),
    startedAt: z.iso.datetime().nullable().openapi({ description: 'When the service began; null = not yet' }),
    stayedAt: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'Since when an appeal stays every deadline; null = none does' }),
    suspendedAt: z.iso.datetime().nullable().openapi({
      description:
        'Since when it must not begin, because its provider is suspended and nobody has decided yet; null = it may',
    }),
    version: z.number().int().openapi({ description: 'Named in If-Match, in quotes, to move the referral' }),
    createdAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
  })
  .openapi('Referral')
export type Referral = z.infer<typeof Referral>

export const ReferralsQuery = PageQuery.extend({
  status: ReferralStatus.optional(),
  needId: z.uuid().optional(),
  residentId: z.uuid().optional(),
})
export type ReferralsQuery = z.infer<typeof ReferralsQuery>
