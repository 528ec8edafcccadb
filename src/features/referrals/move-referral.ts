import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { commitBundle } from '../../platform/ledger/post-transfers.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { releaseMatch } from '../matching/release-match.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { getReferral, type ReferralRow } from './get-referral.ts'
import { nextStatus, type ReferralEvent, TRANSITIONS } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import { ReferralMove } from './schemas.ts'
import { referrals } from './tables.ts'

/** What a party does to a referral; `request` is not among it, that is how referrals are opened. */
export type PartyEvent = Exclude<ReferralEvent, 'request'>

const PAST: Record<PartyEvent, string> = {
  accept: 'accepted',
  reject: 'rejected',
  start: 'started',
  hold: 'held',
  resume: 'resumed',
  complete: 'completed',
  fail: 'failed',
  cancel: 'cancelled',
  void: 'voided',
}

/**
 * Moves a referral as the table of `lifecycle.ts` says. One verb for nine operations (`acceptReferral`, action
 * `referral.accept`, and so on): they differ in the table's rows alone.
 * @throws Refusal of `nextStatus`, `precondition_failed` when the referral has changed since it was read.
 */
export async function moveReferral(
  ctx: Context,
  {
    id,
    event,
    expectedVersion,
    ...input
  }: ReferralMove & { id: string; event: PartyEvent; expectedVersion: number },
): Promise<ReferralRow> {
  permit(ctx, `referral.${event}`)
  const { reason } = parseInput(ReferralMove, input)
  return inTransaction(ctx, async (ctx) => {
    const referral = await lockReferral(ctx, id)
    requireVersion(referral, expectedVersion)
    const status = nextStatus(referral.status, { event, role: ctx.actor.role, reason })
    await ctx.tx
      .update(referrals)
      .set({ status, statusReason: reason, changedAt: ctx.clock(), version: sql`${referrals.version} + 1` })
      .where(eq(referrals.id, id))
    await applyEffect(ctx, referral, event, reason)
    await record(ctx, `referral.${event}`, id, { from: referral.status, to: status, reason })
    await emit(ctx, `referral.${PAST[event]}`, id, partiesOf(referral), {
      matchId: referral.matchId,
      status,
      reason,
    })
    return getReferral(ctx, id)
  })
}

/** Locked before its match and accounts, so that two moves of one referral come one after the other. */
async function lockReferral(ctx: TransactionContext, id: string): Promise<ReferralRow> {
  await ctx.tx.select({ id: referrals.id }).from(referrals).where(eq(referrals.id, id)).for('update')
  return getReferral(ctx, id)
}

/** What the move means for the amounts that the match holds, and for the need it serves. */
async function applyEffect(
  ctx: TransactionContext,
  { id, matchId, needId, quantity }: ReferralRow,
  event: PartyEvent,
  reason: string | null,
): Promise<void> {
  const { effect } = TRANSITIONS[event]
  if (effect === 'serve') await moveNeeds(ctx, [needId], 'in_service')
  if (effect === 'release') await releaseMatch(ctx, matchId, `referral.${event}:${reason}`)
  if (effect === 'commit') {
    await commitBundle(ctx, matchId, { delivered: quantity, of: quantity, key: `referral:${id}` })
    await moveNeeds(ctx, [needId], 'met')
  }
}
