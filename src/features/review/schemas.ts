import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'
import { Match } from '../matching/schemas.ts'

/** Why a reviewer takes a match out of a run. */
export const ExclusionReason = z.enum([
  'already_served',
  'circumstances_changed',
  'data_doubtful',
  'conflict_of_interest',
  'provider_unsuitable',
  'price_doubtful',
  'other',
])
export type ExclusionReason = z.infer<typeof ExclusionReason>

/** Why a reviewer keeps a match when its run is solved again. */
export const PinReason = z.enum(['continuity', 'urgent_case', 'agreed_with_resident', 'other'])
export type PinReason = z.infer<typeof PinReason>

/** Why a proposed match cannot be approved any more. */
export const StaleReason = z.enum([
  'need_changed',
  'resident_erased',
  'consent_missing',
  'offering_withdrawn',
  'terms_changed',
  'no_capacity',
  'offering_ineligible',
  'program_not_open',
  'program_ineligible',
  'holds_missing',
])
export type StaleReason = z.infer<typeof StaleReason>

const Comment = Text(2000).openapi({ description: 'For the record; no personal facts' })

/** What no code says takes a comment. */
const isSaid = ({ reason, comment }: { reason: string; comment: string | null }) =>
  reason !== 'other' || comment !== null
const SAY_IT = { message: 'the reason `other` needs a comment', path: ['comment'] }

export const ApproveRun = z
  .strictObject({
    comment: Comment.nullable().default(null),
    excludeStale: z.boolean().default(false).openapi({
      description:
        'Matches that do not hold any more are excluded and the others approved; otherwise one such match refuses all',
    }),
  })
  .openapi('ApproveRun')
export type ApproveRun = z.input<typeof ApproveRun> & { runId: string; expectedVersion: number }

export const ExcludeMatch = z
  .strictObject({ reason: ExclusionReason, comment: Comment.nullable().default(null) })
  .refine(isSaid, SAY_IT)
  .openapi('ExcludeMatch')
export const PinMatch = z
  .strictObject({ reason: PinReason, comment: Comment.nullable().default(null) })
  .refine(isSaid, SAY_IT)
  .openapi('PinMatch')

/** A match of a run, as it was seen. */
export interface OfMatch {
  runId: string
  matchId: string
  expectedVersion: number
}
export type ExcludeMatch = z.input<typeof ExcludeMatch> & OfMatch
export type PinMatch = z.input<typeof PinMatch> & OfMatch

export const ReturnRun = z.strictObject({ comment: Comment }).openapi('ReturnRun')
export type ReturnRun = z.input<typeof ReturnRun> & { runId: string; expectedVersion: number }

/** What has changed since a match was proposed. */
export const StaleFact = z.enum([
  'assessment_expired',
  'resident_changed',
  'offering_changed',
  'assurance_lapsed',
])
export type StaleFact = z.infer<typeof StaleFact>

export const ReviewReason = z.object({
  code: z.enum(['large_subsidy', 'narrow_margin', 'provider_concentration', 'stale_facts']),
  points: z.number().int().openapi({ description: 'Of the score' }),
  facts: z.array(StaleFact).optional().openapi({ description: 'Of `stale_facts`: which' }),
})
export type ReviewReason = z.infer<typeof ReviewReason>

export const ReviewItem = z
  .object({
    match: Match,
    score: z.number().int().min(0).max(100).openapi({
      description:
        'How much it deserves a look: the sum of its reasons’ points. Up to 30 for a subsidy among the run’s larger half, 25 for an option nearly as good, 20 for a provider that gets more than a fifth of the run’s subsidy, 25 for facts that have changed since',
    }),
    reasons: z.array(ReviewReason),
  })
  .openapi('ReviewItem')
export type ReviewItem = z.infer<typeof ReviewItem>

/** Where a page of the queue ends: score and match, so that the next one begins there whatever is decided meanwhile. */
const QueueCursor = z.string().regex(/^\d{1,3}~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

export const ReviewQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({ description: 'Most items of a page' }),
  cursor: QueueCursor.optional().openapi({ description: '`nextCursor` of the page before' }),
})
export type ReviewQuery = z.infer<typeof ReviewQuery>

export const ReviewPage = z.object({ items: z.array(ReviewItem), nextCursor: QueueCursor.nullable() })
export type ReviewPage = z.infer<typeof ReviewPage>
