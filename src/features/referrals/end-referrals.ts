import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { releaseMatches } from '../matching/release-matches.ts'
import { nextStatus, TRANSITIONS } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import { referrals } from './tables.ts'

const REASON = 'resident_erased'

/**
 * Ends a resident's open referrals: what was delivered stays spent, the rest is free again. For erasure, whose own
 * verb has asked for permission; the providers learn that nobody will come, not why.
 * @returns how many were ended.
 */
export async function endReferrals(ctx: TransactionContext, residentId: string): Promise<number> {
  const open = await ctx.tx
    .select()
    .from(referrals)
    .where(and(eq(referrals.residentId, residentId), inArray(referrals.status, [...TRANSITIONS.cancel.from])))
    .orderBy(asc(referrals.id))
    .for('update')
  if (open.length === 0) return 0
  const move = { event: 'cancel', role: SYSTEM.role, reason: REASON } as const
  const ended = open.map((row) => ({ ...row, to: nextStatus(row.status, move) }))
  await ctx.tx
    .update(referrals)
    .set({
      status: ended[0]!.to,
      statusReason: REASON,
      changedAt: ctx.clock(),
      version: sql`${referrals.version} + 1`,
    })
    .where(
      inArray(
        referrals.id,
        open.map(({ id }) => id),
      ),
    )
  await releaseMatches(
    ctx,
    open.map(({ matchId }) => matchId),
    `referral.cancel:${REASON}`,
  )
  for (const { id, status: from, to } of ended) {
    await record(ctx, 'referral.cancel', id, { from, to, reason: REASON })
  }
  const told = ended.map((row) => ({
    objectId: row.id,
    audience: partiesOf(row),
    data: { matchId: row.matchId, status: row.to, reason: REASON },
  }))
  await emitAll(ctx, 'referral.cancelled', told)
  return open.length
}
