import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'

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

const Comment = Text(2000).openapi({ description: 'For the record; no personal facts' })

export const ApproveRun = z.strictObject({ comment: Comment.nullable().default(null) }).openapi('ApproveRun')
export type ApproveRun = z.input<typeof ApproveRun> & { runId: string; expectedVersion: number }

export const ExcludeMatch = z
  .strictObject({ reason: ExclusionReason, comment: Comment.nullable().default(null) })
  .refine(({ reason, comment }) => reason !== 'other' || comment !== null, {
    message: 'the reason `other` needs a comment',
    path: ['comment'],
  })
  .openapi('ExcludeMatch')
export type ExcludeMatch = z.input<typeof ExcludeMatch> & { matchId: string; expectedVersion: number }
