import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { releaseBundles } from '../../platform/ledger/post-transfers.ts'
import { beginCoolOff } from '../matching/begin-cool-off.ts'
import { releaseMatch } from '../matching/release-match.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { deliveredUnits } from './delivered-units.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import {
  coolOffScope,
  nextStatus,
  type ReferralEvent,
  requireGuard,
  type TimedEvent,
  TRANSITIONS,
} from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import type { ReferralReason } from './schemas.ts'
import { referrals } from './tables.ts'

/** What is done to one referral; `request` opens it, and what is timed ends many at a time. */
export type SingleEvent = Exclude<ReferralEvent, 'request' | TimedEvent>

/** What the audit calls it, and what the parties are told. */
const NAMES: Record<SingleEvent, { action: string; told: string }> = {
  accept: { action: 'referral.accept', told: 'referral.accepted' },
  reject: { action: 'referral.reject', told: 'referral.rejected' },
  confirm: { action: 'offer.accept', told: 'offer.accepted' },
  decline: { action: 'offer.decline', told: 'offer.declined' },
  start: { action: 'referral.start', told: 'referral.started' },
  hold: { action: 'referral.hold', told: 'referral.held' },
  resume: { action: 'referral.resume', told: 'referral.resumed' },
  complete: { action: 'referral.complete', told: 'referral.completed' },
  fail: { action: 'referral.fail', told: 'referral.failed' },
  cancel: { action: 'referral.cancel', told: 'referral.cancelled' },
  void: { action: 'referral.void', told: 'referral.voided' },
}

/** The resident's answers among the moves. */
const ANSWERS: Partial<Record<SingleEvent, 'accepted' | 'declined'>> = {
  confirm: 'accepted',
  decline: 'declined',
}

/**
 * Makes a move of the table on a locked referral, whose caller has asked for permission and version.
 * @throws Refusal of `nextStatus` and `requireGuard`.
 */
export async function makeMove(
  ctx: TransactionContext,
  referral: ReferralRow,
  { event, reason }: { event: SingleEvent; reason: ReferralReason | null },
): Promise<ReferralRow> {
  const { id, matchId } = referral
  const status = nextStatus(referral.status, { event, role: ctx.actor.role, reason })
  const { delivered } = await deliveredUnits(ctx, id)
  requireGuard(event, { ...referral, delivered })
  const now = ctx.clock()
  const answer = ANSWERS[event]
  await ctx.tx
    .update(referrals)
    .set({
      status,
      statusReason: reason,
      ...(answer ? { residentAnswer: answer, residentAnsweredAt: now } : {}),
      ...(event === 'start' ? { startedAt: now } : {}),
      changedAt: now,
      version: sql`${referrals.version} + 1`,
    })
    .where(eq(referrals.id, id))
  await coolOff(ctx, referral, event, reason)
  await applyEffect(ctx, referral, event, reason)
  const { action, told } = NAMES[event]
  await record(ctx, action, id, { from: referral.status, to: status, reason })
  await emit(ctx, told, id, partiesOf(referral), { matchId, status, reason })
  return getReferral(ctx, id)
}

/** After some of the moves the resident is not offered the same again for a while. */
async function coolOff(
  ctx: TransactionContext,
  { residentId, offeringId, providerId }: ReferralRow,
  event: SingleEvent,
  reason: ReferralReason | null,
): Promise<void> {
  const scope = coolOffScope(event, reason)
  if (!scope) return
  const of = scope === 'offering' ? { offeringId } : { organizationId: providerId }
  await beginCoolOff(ctx, { residentId, reason: `referral.${event}:${reason}`, ...of })
}

/** What the move means for what the match still holds, and for the need it serves. */
async function applyEffect(
  ctx: TransactionContext,
  { matchId, needId }: ReferralRow,
  event: SingleEvent,
  reason: string | null,
): Promise<void> {
  const { effect } = TRANSITIONS[event]
  if (effect === 'serve') await moveNeeds(ctx, [needId], 'in_service')
  if (effect === 'release') await releaseMatch(ctx, matchId, `referral.${event}:${reason}`)
  if (effect === 'close') {
    await releaseBundles(ctx, [matchId])
    await moveNeeds(ctx, [needId], 'met')
  }
}
