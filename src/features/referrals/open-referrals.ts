import { and, asc, eq, gt } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { DAY_MS } from '../../platform/period.ts'
import { offerings } from '../catalog/tables.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from '../matching/get-run.ts'
import { releaseMatches } from '../matching/release-matches.ts'
import type { RunRow } from '../matching/start-run.ts'
import { matches } from '../matching/tables.ts'
import { getPolicy } from '../policies/get-policy.ts'
import { residents } from '../residents/tables.ts'
import { nextStatus } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import { referrals } from './tables.ts'

const CHUNK = 1000

/**
 * Opens a referral for every approved match of a run that has none yet, addressed to the offering's provider. Provider
 * and resident have the days that the run's policy gives them to answer. Matches with what is suspended by now are released.
 * @returns how many were opened.
 */
export async function openReferrals(ctx: Context, runId: string): Promise<number> {
  permit(ctx, 'referral.open')
  return inTransaction(ctx, async (ctx) => {
    const run = await getRun(ctx, runId)
    const { decisionDays } = (await getPolicy(ctx, run.policyId)).document
    const answerBy = new Date(ctx.clock().getTime() + decisionDays * DAY_MS)
    let opened = 0
    let released = 0
    let after = ''
    for (;;) {
      const batch = await approvedMatches(ctx, runId, after)
      if (batch.length === 0) break
      const suspended = batch.filter(({ offeringState }) => offeringState === 'suspended')
      released += await giveUp(
        ctx,
        run,
        suspended.map(({ matchId }) => matchId),
      )
      const offered = batch.filter(({ offeringState }) => offeringState !== 'suspended')
      opened += await insertReferrals(ctx, { purchaserId: run.organizationId, answerBy }, offered)
      after = batch.at(-1)!.matchId
    }
    await record(ctx, 'referrals.open', runId, { opened, released })
    return opened
  })
}

type ApprovedMatch = Awaited<ReturnType<typeof approvedMatches>>[number]

function approvedMatches(ctx: TransactionContext, runId: string, after: string) {
  return (
    ctx.tx
      .select({
        matchId: matches.id,
        residentId: matches.residentId,
        providerId: offerings.organizationId,
        partnerId: residents.organizationId,
        quantity: matches.quantity,
        needId: matches.needId,
        offeringState: offerings.state,
      })
      .from(matches)
      .innerJoin(offerings, eq(offerings.id, matches.offeringId))
      .innerJoin(residents, eq(residents.id, matches.residentId))
      .where(
        and(
          eq(matches.runId, runId),
          eq(matches.state, 'approved'),
          after ? gt(matches.id, after) : undefined,
        ),
      )
      .orderBy(asc(matches.id))
      .limit(CHUNK)
      // What is being released or suspended now is waited for, and then is as it has become.
      .for('share', { of: [matches, offerings] })
  )
}

/** As an exclusion at the approval says it. */
const STALE = 'no_longer_valid'

/**
 * Nobody is offered what has been suspended since the approval: what such matches hold is free, their needs open again.
 * Whose referral is open already waits for a decision instead.
 */
async function giveUp(
  ctx: TransactionContext,
  { id: runId, organizationId }: RunRow,
  suspended: readonly string[],
): Promise<number> {
  if (suspended.length === 0) return 0
  const { matchId } = referrals
  const open = await ctx.tx.select({ matchId }).from(referrals).where(isOneOf(matchId, suspended))
  const opened = new Set(open.map(({ matchId }) => matchId))
  const ids = suspended.filter((id) => !opened.has(id))
  await releaseMatches(ctx, ids, STALE)
  for (const id of ids) await record(ctx, 'match.release', id, { runId, reason: STALE })
  await emitAll(
    ctx,
    'match.excluded',
    ids.map((objectId) => ({ objectId, audience: organizationId, data: { runId, reason: STALE } })),
  )
  return ids.length
}

async function insertReferrals(
  ctx: TransactionContext,
  common: { purchaserId: string; answerBy: Date },
  batch: readonly ApprovedMatch[],
): Promise<number> {
  if (batch.length === 0) return 0
  const now = ctx.clock()
  const status = nextStatus('draft', { event: 'request', role: 'purchaser.finance', reason: null })
  const rows = await ctx.tx
    .insert(referrals)
    .values(
      batch.map(({ needId: _need, offeringState: _state, ...match }) => ({
        id: ctx.newId(),
        ...match,
        ...common,
        status,
        createdAt: now,
        changedAt: now,
      })),
    )
    .onConflictDoNothing({ target: referrals.matchId })
    .returning()
  const needOf = new Map(batch.map(({ matchId, needId }) => [matchId, needId]))
  await emitAll(
    ctx,
    'referral.opened',
    rows.map((row) => ({
      objectId: row.id,
      audience: partiesOf(row),
      data: { matchId: row.matchId, needId: needOf.get(row.matchId), status },
    })),
  )
  return rows.length
}
