import { and, eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { events } from '../../platform/events/tables.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { getReferral, type ReferralRow } from '../referrals/get-referral.ts'
import type { ReferralStatus } from '../referrals/schemas.ts'
import { findResident } from '../residents/find-resident.ts'
import { GiveFeedback } from './schemas.ts'
import { feedback } from './tables.ts'

export type FeedbackRow = typeof feedback.$inferSelect

/** Statuses that only a referral can have which its provider had accepted. */
const ACCEPTED: ReadonlySet<ReferralStatus> = new Set([
  'accepted',
  'in-progress',
  'on-hold',
  'completed',
  'failed',
])

/**
 * Says, in the resident's name, whether a referral helped: once, and of any that its provider had accepted, also
 * where nothing came of it, for that is what has to be heard.
 * @throws Refusal `not_found` for another partner's referral, `duplicate` naming what was said first,
 *   `state_conflict` for a referral that never got as far.
 */
export async function giveFeedback(
  ctx: Context,
  { referralId, ...input }: GiveFeedback,
): Promise<FeedbackRow> {
  permit(ctx, 'feedback.give')
  const said = parseInput(GiveFeedback, input)
  return inTransaction(ctx, async (ctx) => {
    const referral = await getReferral(ctx, referralId)
    const { providerId, partnerId, residentId } = referral
    await findResident(ctx, residentId)
    await requireAccepted(ctx, referral)
    const values = { id: ctx.newId(), referralId, residentId, providerId, ...said, createdAt: ctx.clock() }
    const [row] = await ctx.tx
      .insert(feedback)
      .values(values)
      .onConflictDoNothing({ target: feedback.referralId })
      .returning()
    if (!row) throw await saidBefore(ctx, referralId)
    const { outcome, rating } = row
    await record(ctx, 'feedback.give', row.id, { referralId, outcome, rating })
    // Without the referral: the provider is told what was said, not who said it.
    await emit(ctx, 'feedback.given', row.id, [partnerId, providerId], { outcome, rating })
    return row
  })
}

/** A cancelled referral doesn't say how far it got; that it was accepted is an event of its own. */
async function requireAccepted(ctx: TransactionContext, { id, status }: ReferralRow): Promise<void> {
  if (ACCEPTED.has(status)) return
  const accepted = and(eq(events.objectId, id), eq(events.type, 'referral.accepted'))
  if (status === 'cancelled' && (await ctx.tx.$count(events, accepted)) > 0) return
  throw new Refusal('state_conflict', `The referral is ${status}, and its provider has not accepted it.`)
}

async function saidBefore(ctx: TransactionContext, referralId: string): Promise<Refusal> {
  const [first] = await ctx.tx
    .select({ id: feedback.id })
    .from(feedback)
    .where(eq(feedback.referralId, referralId))
  const facts = { existingId: first?.id }
  return new Refusal('duplicate', `Feedback ${first?.id} was given on this referral.`, { facts })
}
