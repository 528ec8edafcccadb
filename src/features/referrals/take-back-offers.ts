import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { releaseMatches } from '../matching/release-matches.ts'
import { matches, matchRuns } from '../matching/tables.ts'
import { coveredFacts, isFor } from '../residents/consented-facts.ts'
import { consents } from '../residents/tables.ts'
import { lockReferral } from './lock-referral.ts'
import { makeMove } from './make-move.ts'
import { referrals } from './tables.ts'

const REASON = 'consent_withdrawn'

/** Whether the withdrawal keeps a fact from an organization that could use it before. */
type IsLostTo = (organizationId: string) => boolean

interface Withdrawal {
  residentId: string
  purpose: 'matching' | 'referral'
  isLostTo: IsLostTo
}

/**
 * Takes back what rests on a consent that was withdrawn and on no other: offers that the provider has not accepted are
 * cancelled, matches that are no offer yet are released. What was accepted goes on until a party ends it. A consent to
 * matching is one to be matched by whom the run is for, one to referrals is one to be known to the provider.
 * @param ctx acts as the system.
 * @returns how many offers and matches were taken back.
 */
export async function takeBackOffers(ctx: TransactionContext, consentId: string): Promise<number> {
  const withdrawal = await readWithdrawal(ctx, consentId)
  if (!withdrawal) return 0
  const released = withdrawal.purpose === 'matching' ? await releaseUnoffered(ctx, withdrawal) : 0
  return released + (await cancelOffers(ctx, withdrawal))
}

async function readWithdrawal(ctx: TransactionContext, consentId: string): Promise<Withdrawal | null> {
  const [consent] = await ctx.tx.select().from(consents).where(eq(consents.id, consentId))
  if (!consent?.withdrawnAt || consent.purpose === 'statistics') return null
  const { residentId, purpose, facts } = consent
  const given = await ctx.tx.select().from(consents).where(eq(consents.residentId, residentId))
  const now = ctx.clock()
  const isLostTo: IsLostTo = (recipientId) => {
    if (!isFor(consent, { purpose, recipientId })) return false
    const covered = coveredFacts(given, { purpose, recipientId, now })
    return facts.some((fact) => !covered.has(fact))
  }
  return { residentId, purpose, isLostTo }
}

async function releaseUnoffered(
  ctx: TransactionContext,
  { residentId, isLostTo }: Withdrawal,
): Promise<number> {
  // A run that is being written now may have read the consent while it held: its matches are waited for.
  await ctx.tx
    .select({ id: matchRuns.id })
    .from(matchRuns)
    .where(eq(matchRuns.state, 'running'))
    .orderBy(asc(matchRuns.id))
    .for('share')
  const unoffered = await lockUnoffered(ctx, residentId)
  const lost = unoffered.filter(({ purchaserId }) => isLostTo(purchaserId))
  await releaseMatches(
    ctx,
    lost.map(({ id }) => id),
    REASON,
  )
  for (const { id, runId, purchaserId } of lost) {
    await record(ctx, 'match.release', id, { runId, reason: REASON })
    await emit(ctx, 'match.released', id, purchaserId, { runId, reason: REASON })
  }
  return lost.length
}

/** The matches that runs made and that no provider has been offered. */
async function lockUnoffered(ctx: TransactionContext, residentId: string) {
  const locked = await ctx.tx
    .select({ id: matches.id, runId: matchRuns.id, purchaserId: matchRuns.organizationId })
    .from(matches)
    .innerJoin(matchRuns, eq(matchRuns.id, matches.runId))
    .leftJoin(referrals, eq(referrals.matchId, matches.id))
    .where(
      and(
        eq(matches.residentId, residentId),
        inArray(matches.state, ['proposed', 'approved']),
        isNull(referrals.id),
      ),
    )
    .orderBy(asc(matches.id))
    .for('update', { of: matches })
  if (locked.length === 0) return []
  // Asked again under the lock: a referral may have been opened while it was waited for.
  const offered = await ctx.tx
    .select({ matchId: referrals.matchId })
    .from(referrals)
    .where(
      inArray(
        referrals.matchId,
        locked.map(({ id }) => id),
      ),
    )
  const isOffered = new Set(offered.map(({ matchId }) => matchId))
  return locked.filter(({ id }) => !isOffered.has(id))
}

async function cancelOffers(
  ctx: TransactionContext,
  { residentId, purpose, isLostTo }: Withdrawal,
): Promise<number> {
  const offers = await ctx.tx
    .select({ referral: referrals, purchaserId: matchRuns.organizationId })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .leftJoin(matchRuns, eq(matchRuns.id, matches.runId))
    .where(and(eq(referrals.residentId, residentId), eq(referrals.status, 'requested')))
    .orderBy(asc(referrals.id))
  let cancelled = 0
  for (const { referral, purchaserId } of offers) {
    // What the resident booked was matched by the partner's app itself.
    const user = purpose === 'referral' ? referral.providerId : (purchaserId ?? referral.partnerId)
    if (!isLostTo(user)) continue
    const locked = await lockReferral(ctx, referral.id)
    if (locked.status !== 'requested') continue
    await makeMove(ctx, locked, { event: 'cancel', reason: REASON })
    cancelled++
  }
  return cancelled
}
