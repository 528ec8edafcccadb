import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import type { Page, PageQuery } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { referrals } from '../referrals/tables.ts'
import { residents } from '../residents/tables.ts'
import { feedbackWithinReach } from './list-feedback.ts'
import { FeedbackOutcome, type FeedbackSummary, SMALLEST_GROUP } from './schemas.ts'
import { feedback } from './tables.ts'

/** What was said of each provider within the actor's reach, in numbers; those of small groups are left out. */
export async function summarizeFeedback(
  ctx: Context,
  { limit, cursor }: PageQuery,
): Promise<Page<FeedbackSummary>> {
  permit(ctx, 'feedback.read')
  const count = (outcome: FeedbackOutcome) =>
    sql<number>`count(*) filter (where ${feedback.outcome} = ${outcome})`.mapWith(Number)
  const [gotHelp, partly, notHelped, noContact] = FeedbackOutcome.options.map(count)
  const rows = await query(ctx)
    .select({
      providerId: feedback.providerId,
      answers: sql<number>`count(*)`.mapWith(Number),
      rated: sql<number>`count(${feedback.rating})`.mapWith(Number),
      mean: sql<number>`coalesce(avg(${feedback.rating}), 0)`.mapWith(Number),
      got_help: gotHelp!,
      partly: partly!,
      not_helped: notHelped!,
      no_contact: noContact!,
    })
    .from(feedback)
    .innerJoin(referrals, eq(referrals.id, feedback.referralId))
    .innerJoin(residents, eq(residents.id, feedback.residentId))
    .where(
      and(cursor ? gt(feedback.providerId, cursor) : undefined, await feedbackWithinReach(ctx, undefined)),
    )
    .groupBy(feedback.providerId)
    .orderBy(asc(feedback.providerId))
    .limit(limit + 1)
  const items = rows.slice(0, limit).map(withoutSmallGroups)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.providerId : null }
}

/** Numbers of a provider as they were counted. */
type Counted = Record<FeedbackOutcome, number> & {
  providerId: string
  answers: number
  rated: number
  mean: number
}

function withoutSmallGroups({ providerId, answers, rated, mean, ...outcomes }: Counted): FeedbackSummary {
  const meanRating = rated < SMALLEST_GROUP ? null : Math.round(mean * 100) / 100
  if (answers < SMALLEST_GROUP) return { providerId, answers: null, outcomes: null, meanRating: null }
  return { providerId, answers, outcomes, meanRating }
}
