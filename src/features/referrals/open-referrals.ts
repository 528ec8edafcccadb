import { and, asc, eq, gt } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { DAY_MS } from '../../platform/period.ts'
import { offerings } from '../catalog/tables.ts'
import { permit } from '../identity/permissions.ts'
import { getRun } from '../matching/get-run.ts'
import { matches } from '../matching/tables.ts'
import { getPolicy } from '../policies/get-policy.ts'
import { residents } from '../residents/tables.ts'
import { nextStatus } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import { referrals } from './tables.ts'

const CHUNK = 1000

/**
 * Opens a referral for every approved match of a run that has none yet, addressed to the offering's provider. Provider
 * and resident have the days that the run's policy gives them to answer.
 * @returns how many were opened.
 */
export async function openReferrals(ctx: Context, runId: string): Promise<number> {
  permit(ctx, 'referral.open')
  return inTransaction(ctx, async (ctx) => {
    const run = await getRun(ctx, runId)
    const { decisionDays } = (await getPolicy(ctx, run.policyId)).document
    const answerBy = new Date(ctx.clock().getTime() + decisionDays * DAY_MS)
    let opened = 0
    let after = ''
    for (;;) {
      const batch = await approvedMatches(ctx, runId, after)
      if (batch.length === 0) break
      opened += await insertReferrals(ctx, { purchaserId: run.organizationId, answerBy }, batch)
      after = batch.at(-1)!.matchId
    }
    await record(ctx, 'referrals.open', runId, { opened })
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
      // One that is being released now is waited for, and then is none of them.
      .for('share', { of: matches })
  )
}

async function insertReferrals(
  ctx: TransactionContext,
  common: { purchaserId: string; answerBy: Date },
  batch: readonly ApprovedMatch[],
): Promise<number> {
  const now = ctx.clock()
  const status = nextStatus('draft', { event: 'request', role: 'purchaser.finance', reason: null })
  const rows = await ctx.tx
    .insert(referrals)
    .values(
      batch.map(({ needId: _need, ...match }) => ({
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
