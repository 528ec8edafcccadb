import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'

/** `sustained` and `annulled`: a dispute was decided, for the provider or for the resident. */
export const DeliveryState = z.enum(['recorded', 'confirmed', 'disputed', 'sustained', 'annulled'])
export type DeliveryState = z.infer<typeof DeliveryState>

/** What the resident says was wrong with a delivery. */
export const DisputeReason = z.enum(['not_delivered', 'fewer_units', 'poor_quality', 'wrong_person', 'other'])
export type DisputeReason = z.infer<typeof DisputeReason>

/** How a dispute ends: the delivery counts as recorded, or not at all. */
export const DisputeDecision = DeliveryState.extract(['sustained', 'annulled'])
export type DisputeDecision = z.infer<typeof DisputeDecision>

export const RecordDelivery = z
  .strictObject({
    units: z.number().int().min(1).max(2_147_483_647).openapi({
      description: 'In the offering’s unit; all deliveries together at most the referral’s quantity',
    }),
    deliveredAt: z.iso.datetime().openapi({
      description: 'Since the service began, in the referral’s month at the latest, and not in the future',
      example: '2026-12-03T09:30:00Z',
    }),
    evidenceHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits in lower case are expected')
      .optional()
      .openapi({ description: 'SHA-256 of what proves the delivery; the proof itself stays with you' }),
  })
  .openapi('RecordDelivery')
export type RecordDelivery = z.input<typeof RecordDelivery>

export const DisputeDelivery = z
  .strictObject({
    reason: DisputeReason,
    comment: Text(1000).optional().openapi({ description: 'In the resident’s words; not told the provider' }),
  })
  .openapi('DisputeDelivery')
export type DisputeDelivery = z.input<typeof DisputeDelivery>

export const DecideDispute = z
  .strictObject({
    decision: DisputeDecision,
    comment: Text(1000).optional().openapi({
      description: 'Why, for all parties to read; nothing of the person in it',
    }),
  })
  .openapi('DecideDispute')
export type DecideDispute = z.input<typeof DecideDispute>

export const Delivery = z
  .object({
    id: z.uuid(),
    referralId: z.uuid(),
    units: z.number().int(),
    deliveredAt: z.iso.datetime(),
    evidenceHash: z.string().nullable(),
    subsidy: z.number().int().openapi({ description: 'Minor units that the fund pays for it' }),
    copayment: z.number().int().openapi({ description: 'Minor units that the resident pays for it' }),
    state: DeliveryState,
    disputeReason: DisputeReason.nullable(),
    comment: z.string().nullable().openapi({ description: 'Null for the provider' }),
    version: z.number().int().openapi({ description: 'Named in If-Match, in quotes, to answer it' }),
    createdAt: z.iso.datetime(),
    answeredAt: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'When the resident confirmed or disputed it; null = not yet' }),
    decidedAt: z.iso
      .datetime()
      .nullable()
      .openapi({ description: 'When a dispute was decided; null = none was' }),
    decisionComment: z.string().nullable().openapi({ description: 'Why it was decided so' }),
    settledAt: z.iso.datetime().nullable().openapi({ description: 'When a settlement paid for it' }),
  })
  .openapi('Delivery')
export type Delivery = z.infer<typeof Delivery>
