import {
  and,
  asc,
  count,
  eq,
  getTableColumns,
  gte,
  isNotNull,
  isNull,
  lt,
  min,
  ne,
  type SQL,
} from 'drizzle-orm'
import { type Context, query, type TransactionContext } from '../../platform/context.ts'
import { matches } from '../matching/tables.ts'
import { deliveries, referrals } from '../referrals/tables.ts'

/** What a settlement pays for, or takes back. */
export type DueRow = Awaited<ReturnType<typeof selectDue>>[number]

export interface Due {
  deliveries: DueRow[]
  /** Annulled since they were settled. */
  corrections: DueRow[]
}

/** A delivery that counts and that nobody has paid for. */
const UNPAID = and(isNull(deliveries.settledAt), ne(deliveries.state, 'annulled'))

/** One that was paid for and counts no more. */
const OVERPAID = and(isNotNull(deliveries.settledAt), eq(deliveries.state, 'annulled'))

/** Everything that a settlement up to an instant is about, locked until the transaction ends. */
export async function lockDue(ctx: TransactionContext, programId: string, end: Date): Promise<Due> {
  const overpaid = await lockReferrals(ctx, programId)
  const unpaid = await selectDue(ctx, programId, and(UNPAID, lt(deliveries.deliveredAt, end)))
  const annulled = overpaid.size > 0 ? await selectDue(ctx, programId, OVERPAID) : []
  // What was annulled a moment ago waits for the next settlement: its referral may be ending just now.
  return { deliveries: unpaid, corrections: annulled.filter(({ referralId }) => overpaid.has(referralId)) }
}

/** The referrals of what is to be taken back, locked before their deliveries, as everybody does. */
async function lockReferrals(ctx: TransactionContext, programId: string): Promise<Set<string>> {
  const rows = await ctx.tx
    .select({ id: referrals.id })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(and(eq(matches.programId, programId), OVERPAID))
    .orderBy(asc(referrals.id))
    .for('update', { of: referrals })
  return new Set(rows.map(({ id }) => id))
}

function selectDue(ctx: TransactionContext, programId: string, which: SQL | undefined) {
  const { id, referralId, units, subsidy, copayment } = getTableColumns(deliveries)
  const { matchId, providerId, status } = referrals
  return ctx.tx
    .select({ id, referralId, units, subsidy, copayment, matchId, providerId, status })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(and(eq(matches.programId, programId), which))
    .orderBy(asc(deliveries.id))
    .for('update', { of: deliveries })
}

/** How many deliveries before an instant wait for the decision of a dispute. */
export async function countDisputes(ctx: Context, programId: string, end: Date): Promise<number> {
  const disputed = and(UNPAID, eq(deliveries.state, 'disputed'), lt(deliveries.deliveredAt, end))
  const [row] = await ofProgram(ctx, programId, disputed)
  return row!.count
}

/** When the first delivery between two instants was made that nobody has paid for; null = there is none. */
export async function firstUnpaid(
  ctx: Context,
  programId: string,
  { from, end }: { from: Date | null; end: Date },
): Promise<Date | null> {
  const { deliveredAt } = deliveries
  const within = and(from ? gte(deliveredAt, from) : undefined, lt(deliveredAt, end))
  const [row] = await ofProgram(ctx, programId, and(UNPAID, within))
  return row!.first
}

function ofProgram(ctx: Context, programId: string, which: SQL | undefined) {
  return query(ctx)
    .select({ count: count(), first: min(deliveries.deliveredAt) })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(and(eq(matches.programId, programId), which))
}
