/** The system's moves on many referrals at a time: what the table says is done when nobody has moved in time. */
import { and, asc, eq, getTableColumns, inArray, isNull, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { releaseBundles } from '../../platform/ledger/post-transfers.ts'
import { localTime } from '../../platform/time-zone.ts'
import { releaseMatches } from '../matching/release-matches.ts'
import { matches, matchRuns } from '../matching/tables.ts'
import { findAdoptedPolicy } from '../policies/adopted-policy.ts'
import { policies } from '../policies/tables.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { needs } from '../residents/tables.ts'
import { GUARDS, nextStatus, type TimedEvent, type TimeOut, TRANSITIONS } from './lifecycle.ts'
import { partiesOf } from './parties.ts'
import type { ReferralStatus } from './schemas.ts'
import { deliveries, referrals } from './tables.ts'

const BATCH = 200

/** What the parties are told: what became of it, whoever moved. */
const TOLD: Record<TimedEvent, string> = {
  expire: 'referral.expired',
  lapse: 'referral.lapsed',
  wind_up: 'referral.completed',
  give_up: 'referral.failed',
}

/**
 * Makes one of these moves, the first whose guard is met, on all referrals whose time is over and that no appeal stays.
 * Safe beside parties and other sweeps: rows that somebody has locked are left for the next time.
 * @param moves start from the same statuses, at the same time.
 * @param batch how many are moved in one transaction.
 * @returns how many were moved.
 * @throws Refusal `forbidden` for everybody but the system.
 */
export async function timeOutReferrals(
  ctx: Context,
  moves: readonly [TimedEvent, ...TimedEvent[]],
  batch = BATCH,
): Promise<number> {
  for (const event of moves) statusAfter(ctx, event)
  const due = await DUE[TRANSITIONS[moves[0]].timeOut](ctx)
  let moved = 0
  for (;;) {
    const ended = await inTransaction(ctx, (ctx) => timeOutBatch(ctx, moves, due, batch))
    moved += ended
    if (ended < batch) return moved
  }
}

type Row = Awaited<ReturnType<typeof lockDue>>[number]

async function timeOutBatch(
  ctx: TransactionContext,
  moves: readonly [TimedEvent, ...TimedEvent[]],
  due: SQL | undefined,
  batch: number,
): Promise<number> {
  const { from } = TRANSITIONS[moves[0]]
  const rows = await lockDue(ctx, from, due, batch)
  // Counted under the locks: what was being recorded a moment ago is recorded now.
  const delivered = await deliveredOf(ctx, rows)
  const isMet = (event: TimedEvent, row: Row) =>
    GUARDS[TRANSITIONS[event].given].met({ ...row, delivered: delivered.get(row.id) ?? 0 })
  let moved = 0
  for (const event of moves) {
    const ready = rows.filter((row) => moves.find((one) => isMet(one, row)) === event)
    if (ready.length > 0) await moveAll(ctx, event, ready)
    moved += ready.length
  }
  return moved
}

async function moveAll(ctx: TransactionContext, event: TimedEvent, rows: readonly Row[]): Promise<void> {
  const { effect } = TRANSITIONS[event]
  const { status, reason } = statusAfter(ctx, event)
  const ids = rows.map(({ id }) => id)
  await ctx.tx
    .update(referrals)
    .set({ status, statusReason: reason, changedAt: ctx.clock(), version: sql`${referrals.version} + 1` })
    .where(inArray(referrals.id, ids))
  const matchIds = rows.map(({ matchId }) => matchId)
  if (effect === 'release') await releaseMatches(ctx, matchIds, `referral.${event}:${reason}`)
  else {
    await releaseBundles(ctx, matchIds)
    await moveNeeds(
      ctx,
      rows.map(({ needId }) => needId),
      'met',
    )
  }
  for (const { id, status: from } of rows) {
    await record(ctx, `referral.${event}`, id, { from, to: status, reason })
  }
  const told = rows.map((row) => ({
    objectId: row.id,
    audience: partiesOf(row),
    data: { matchId: row.matchId, status, reason },
  }))
  await emitAll(ctx, TOLD[event], told)
}

/** What the table makes of it, for the system and with the reason that the system gives. */
function statusAfter({ actor: { role } }: Context, event: TimedEvent) {
  const { from, by } = TRANSITIONS[event]
  const reason = by.system[0] ?? null
  return { status: nextStatus(from[0], { event, role, reason }), reason }
}

/** When a move's time is over, in SQL. */
const DUE: Record<TimeOut, (ctx: Context) => Promise<SQL | undefined>> = {
  answer_by: async (ctx) =>
    and(
      lte(referrals.answerBy, ctx.clock()),
      // The guard `answer_missing`.
      or(eq(referrals.status, 'requested'), isNull(referrals.residentAnswer)),
    ),
  async month_over(ctx) {
    const now = ctx.clock()
    // What the resident booked belongs to no run: the policy in force says how long it takes to answer.
    const inForce = (await findAdoptedPolicy(ctx))?.document.decisionDays ?? 0
    const days = sql`coalesce((${policies.document} ->> 'decisionDays')::integer, ${inForce}::integer)`
    const since = sql`${now.toISOString()}::timestamptz - make_interval(hours => 24 * (${days} + ${referrals.stayedDays}))`
    return and(
      // Few needs of a month that is over are still at it: found first, by an index.
      inArray(needs.state, ['matched', 'in_service']),
      lt(needs.period, localTime(ctx.timeZone, now).date.slice(0, 7)),
      eq(matches.state, 'approved'),
      // The guard `resident_agrees` of those that were not begun.
      or(ne(referrals.status, 'accepted'), eq(referrals.residentAnswer, 'accepted')),
      sql`${needs.period} < to_char((${since}) at time zone ${ctx.timeZone}, 'YYYY-MM')`,
    )
  },
}

function lockDue(
  ctx: TransactionContext,
  from: readonly ReferralStatus[],
  due: SQL | undefined,
  batch: number,
) {
  return ctx.tx
    .select({ ...getTableColumns(referrals), needId: matches.needId })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .innerJoin(needs, eq(needs.id, matches.needId))
    .leftJoin(matchRuns, eq(matchRuns.id, matches.runId))
    .leftJoin(policies, eq(policies.id, matchRuns.policyId))
    .where(and(inArray(referrals.status, [...from]), isNull(referrals.stayedAt), due))
    .orderBy(asc(referrals.answerBy), asc(referrals.id))
    .limit(batch)
    .for('update', { of: referrals, skipLocked: true })
}

async function deliveredOf(ctx: TransactionContext, rows: readonly Row[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map()
  const counted = await ctx.tx
    .select({
      referralId: deliveries.referralId,
      units: sql`sum(${deliveries.units}) filter (where ${deliveries.state} <> 'annulled')`.mapWith(Number),
    })
    .from(deliveries)
    .where(
      inArray(
        deliveries.referralId,
        rows.map(({ id }) => id),
      ),
    )
    .groupBy(deliveries.referralId)
  return new Map(counted.map(({ referralId, units }) => [referralId, units]))
}
