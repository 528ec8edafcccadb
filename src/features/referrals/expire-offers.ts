import { and, asc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { releaseMatches } from '../matching/release-matches.ts'
import { nextStatus, TRANSITIONS } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import type { ReferralStatus } from './schemas.ts'
import { referrals } from './tables.ts'

const BATCH = 200
const REASON = 'no_answer'

/**
 * Ends the offers whose time is over while the resident or the provider has not answered: everything they hold is free
 * again, their needs open again. Safe beside answers and other sweeps: rows that somebody has locked are left for the
 * next time.
 * @param batch how many end in one transaction.
 * @returns how many have expired.
 * @throws Refusal `forbidden` for everybody but the system.
 */
export async function expireOffers(ctx: Context, batch = BATCH): Promise<number> {
  const status = nextStatus('requested', { event: 'expire', role: ctx.actor.role, reason: REASON })
  let expired = 0
  for (;;) {
    const ended = await inTransaction(ctx, (ctx) => expireBatch(ctx, status, batch))
    expired += ended
    if (ended < batch) return expired
  }
}

async function expireBatch(ctx: TransactionContext, status: ReferralStatus, batch: number): Promise<number> {
  const overdue = await lockOverdue(ctx, batch)
  if (overdue.length === 0) return 0
  const ids = overdue.map(({ id }) => id)
  await ctx.tx
    .update(referrals)
    .set({ status, statusReason: REASON, changedAt: ctx.clock(), version: sql`${referrals.version} + 1` })
    .where(inArray(referrals.id, ids))
  const matchIds = overdue.map(({ matchId }) => matchId)
  await releaseMatches(ctx, matchIds, `referral.expire:${REASON}`)
  for (const { id, status: from } of overdue) {
    await record(ctx, 'referral.expire', id, { from, to: status, reason: REASON })
  }
  const told = overdue.map((row) => ({
    objectId: row.id,
    audience: partiesOf(row),
    data: { matchId: row.matchId, status, reason: REASON },
  }))
  await emitAll(ctx, 'referral.expired', told)
  return overdue.length
}

/** The guard `answer_missing` in SQL. */
function lockOverdue(ctx: TransactionContext, batch: number) {
  return ctx.tx
    .select()
    .from(referrals)
    .where(
      and(
        inArray(referrals.status, [...TRANSITIONS.expire.from]),
        lte(referrals.answerBy, ctx.clock()),
        or(eq(referrals.status, 'requested'), isNull(referrals.residentAnswer)),
      ),
    )
    .orderBy(asc(referrals.answerBy), asc(referrals.id))
    .limit(batch)
    .for('update', { skipLocked: true })
}
