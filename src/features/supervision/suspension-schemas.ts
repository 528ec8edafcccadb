import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { YesOrNo } from './schemas.ts'

const SuspensionReason = z.enum([
  'unsafe',
  'fraud_suspected',
  'license_lost',
  'assurance_lapsed',
  'consent_breached',
  'findings_uncorrected',
  'other',
])

export const ImposeSuspension = z
  .strictObject({
    providerId: z.uuid(),
    offeringId: z
      .uuid()
      .nullable()
      .default(null)
      .openapi({ description: 'One of the provider’s offerings; null = all that it offers now and later' }),
    reason: SuspensionReason,
    text: Text(4000),
  })
  .openapi('ImposeSuspension')
export type ImposeSuspension = z.input<typeof ImposeSuspension>

export const SuspendedReferralDecision = z.enum(['continue', 'end'])

export const DecideSuspendedReferral = z
  .strictObject({
    decision: SuspendedReferralDecision.openapi({
      description: '`end` cancels the referral: what was delivered stays paid, the need is open again',
    }),
  })
  .openapi('DecideSuspendedReferral')
export type DecideSuspendedReferral = z.input<typeof DecideSuspendedReferral>

export const SuspendedReferral = z
  .object({
    suspensionId: z.uuid(),
    referralId: z.uuid(),
    decision: SuspendedReferralDecision.nullable().openapi({ description: 'Null = not decided yet' }),
    decidedAt: z.iso.datetime().nullable(),
  })
  .openapi('SuspendedReferral')
export type SuspendedReferral = z.infer<typeof SuspendedReferral>

export const Suspension = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid().openapi({ description: 'Supervising body that imposed it' }),
    providerId: z.uuid(),
    offeringId: z.uuid().nullable().openapi({ description: 'Null = all that the provider offers' }),
    reason: SuspensionReason,
    text: z.string(),
    liftedAt: z.iso.datetime().nullable(),
    version: z.number().int().openapi({ description: 'Named in If-Match, in quotes, to lift it' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Suspension')
export type Suspension = z.infer<typeof Suspension>

export const SuspensionDetail = Suspension.extend({
  referrals: z
    .array(SuspendedReferral)
    .openapi({ description: 'Those that ran when it came, as far as the reader may see them' }),
}).openapi('SuspensionDetail')
export type SuspensionDetail = z.infer<typeof SuspensionDetail>

export const SuspensionsQuery = PageQuery.extend({
  providerId: z.uuid().optional(),
  lifted: YesOrNo.optional().openapi({ type: 'boolean', param: { description: 'Whether it is over' } }),
})
export type SuspensionsQuery = z.infer<typeof SuspensionsQuery>
