import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'

export const FeedbackOutcome = z.enum(['got_help', 'partly', 'not_helped', 'no_contact'])
export type FeedbackOutcome = z.infer<typeof FeedbackOutcome>

const Rating = z.number().int().min(1).max(5)

export const GiveFeedback = z
  .strictObject({
    outcome: FeedbackOutcome,
    rating: Rating.nullable().default(null).openapi({ description: 'Null = not rated', example: 4 }),
    text: Text(2000)
      .nullable()
      .default(null)
      .openapi({ description: 'The resident’s own words; the provider reads them, without a name' }),
  })
  .openapi('GiveFeedback')
export type GiveFeedback = z.input<typeof GiveFeedback> & { referralId: string }

export const Feedback = z
  .object({
    id: z.uuid(),
    referralId: z
      .uuid()
      .nullable()
      .openapi({ description: 'Null for providers: it would tell them who said it' }),
    residentId: z.uuid().nullable().openapi({ description: 'Null for everybody but the resident’s own app' }),
    providerId: z.uuid(),
    outcome: FeedbackOutcome,
    rating: z.number().int().nullable(),
    text: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Feedback')
export type Feedback = z.infer<typeof Feedback>

export const FeedbackQuery = PageQuery.extend({
  providerId: z.uuid().optional(),
  outcome: FeedbackOutcome.optional(),
})
export type FeedbackQuery = z.infer<typeof FeedbackQuery>

/** Of a group smaller than this, numbers would tell of persons. */
export const SMALLEST_GROUP = 5

export const FeedbackSummary = z
  .object({
    providerId: z.uuid(),
    answers: z
      .number()
      .int()
      .nullable()
      .openapi({ description: `Null, with the outcomes, where there are fewer than ${SMALLEST_GROUP}` }),
    outcomes: z.record(FeedbackOutcome, z.number().int()).nullable(),
    meanRating: z
      .number()
      .nullable()
      .openapi({ description: `To two decimals; null where fewer than ${SMALLEST_GROUP} rated` }),
  })
  .openapi('FeedbackSummary')
export type FeedbackSummary = z.infer<typeof FeedbackSummary>
