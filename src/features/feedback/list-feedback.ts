import { and, asc, eq, getTableColumns, gt, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { referralsWithinReach } from '../referrals/get-referral.ts'
import { referrals } from '../referrals/tables.ts'
import { residents } from '../residents/tables.ts'
import type { FeedbackRow } from './give-feedback.ts'
import type { FeedbackQuery } from './schemas.ts'
import { feedback } from './tables.ts'

/** Feedback as far as its reader may know whose it is. */
export type ShownFeedback = Omit<FeedbackRow, 'referralId' | 'residentId'> & {
  referralId: string | null
  residentId: string | null
}

/** Feedback on the referrals within the actor's reach, in the order in which it was given. */
export async function listFeedback(
  ctx: Context,
  { limit, cursor, providerId, outcome }: FeedbackQuery,
): Promise<Page<ShownFeedback>> {
  permit(ctx, 'feedback.read')
  const rows = await query(ctx)
    .select(getTableColumns(feedback))
    .from(feedback)
    .innerJoin(referrals, eq(referrals.id, feedback.referralId))
    .innerJoin(residents, eq(residents.id, feedback.residentId))
    .where(
      and(
        cursor ? gt(feedback.id, cursor) : undefined,
        outcome ? eq(feedback.outcome, outcome) : undefined,
        await feedbackWithinReach(ctx, providerId),
      ),
    )
    .orderBy(asc(feedback.id))
    .limit(limit + 1)
  return toPage(rows.map(shownTo(ctx)), limit)
}

/** The condition that keeps an actor to feedback on the referrals it reaches. Needs `referrals` and `residents` joined. */
export async function feedbackWithinReach(
  ctx: Context,
  providerId: string | undefined,
): Promise<SQL | undefined> {
  return and(providerId ? eq(feedback.providerId, providerId) : undefined, await referralsWithinReach(ctx))
}

/** Whoever serves somebody must not know what that person said of it; only the person's own app knows the person. */
export function shownTo(ctx: Context): (row: FeedbackRow) => ShownFeedback {
  const { role } = ctx.actor
  return (row) => ({
    ...row,
    referralId: role === 'provider' ? null : row.referralId,
    residentId: role === 'partner' ? row.residentId : null,
  })
}
