import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { matches } from '../matching/tables.ts'
import { stayReferral } from '../referrals/stay-referral.ts'
import { deliveries, referrals } from '../referrals/tables.ts'
import { unstayReferral } from '../referrals/unstay-referral.ts'
import { stayNeed } from '../residents/stay-need.ts'
import { unstayNeed } from '../residents/unstay-need.ts'
import { movedOn } from './finding-lifecycle.ts'
import type { Subject } from './read-subject.ts'
import { findings, grievances } from './tables.ts'

/**
 * Stays every deadline of what an appeal is about: a finding's, or those of the referral behind a match, a referral or
 * a delivery, or else of the need. Settlements and suspensions have none.
 */
export async function stayDeadlines(ctx: TransactionContext, subject: Subject): Promise<void> {
  const { kind, id, referralId, needId } = subject
  if (kind === 'finding') return stayFinding(ctx, id)
  if (referralId) return stayReferral(ctx, referralId)
  if (needId) await stayNeed(ctx, needId)
}

/** Lets the deadlines run on from where they stood, unless another appeal stays them still. */
export async function unstayDeadlines(ctx: TransactionContext, subject: Subject): Promise<void> {
  const { kind, id, referralId, needId } = subject
  if (kind === 'finding' && !(await isAppealed(ctx, [id]))) await unstayFinding(ctx, id)
  if (referralId && !(await isAppealed(ctx, await idsOfReferral(ctx, referralId)))) {
    await unstayReferral(ctx, referralId)
  }
  // An appeal against a match that had no referral yet has stayed the need.
  if (needId && !(await isAppealed(ctx, await idsOfNeed(ctx, needId)))) await unstayNeed(ctx, needId)
}

async function stayFinding(ctx: TransactionContext, id: string): Promise<void> {
  await ctx.tx
    .update(findings)
    .set({ stayedAt: ctx.clock(), version: sql`${findings.version} + 1` })
    .where(and(eq(findings.id, id), isNull(findings.stayedAt)))
}

async function unstayFinding(ctx: TransactionContext, id: string): Promise<void> {
  const [row] = await ctx.tx.select().from(findings).where(eq(findings.id, id)).for('update')
  if (!row?.stayedAt) return
  const dueBy = movedOn(row.dueBy, row.stayedAt, ctx.clock())
  await ctx.tx
    .update(findings)
    .set({ dueBy, stayedAt: null, version: sql`${findings.version} + 1` })
    .where(eq(findings.id, id))
}

async function isAppealed(ctx: TransactionContext, subjectIds: readonly string[]): Promise<boolean> {
  const { kind, state, subjectId } = grievances
  const open = and(eq(kind, 'appeal'), eq(state, 'received'), inArray(subjectId, [...subjectIds]))
  return (await ctx.tx.$count(grievances, open)) > 0
}

/** Everything an appeal against which stays the referral. */
async function idsOfReferral(ctx: TransactionContext, referralId: string): Promise<string[]> {
  const [referral] = await ctx.tx
    .select({ matchId: referrals.matchId })
    .from(referrals)
    .where(eq(referrals.id, referralId))
  const delivered = await ctx.tx
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(eq(deliveries.referralId, referralId))
  return [referralId, referral!.matchId, ...delivered.map(({ id }) => id)]
}

/** Everything an appeal against which may stay the need. */
async function idsOfNeed(ctx: TransactionContext, needId: string): Promise<string[]> {
  const matched = await ctx.tx.select({ id: matches.id }).from(matches).where(eq(matches.needId, needId))
  return [needId, ...matched.map(({ id }) => id)]
}
