/** Offers answered, services begun, delivered, disputed and ended, each by chance of the seed. */
import { and, asc, eq, inArray } from 'drizzle-orm'
import { matches } from '../../src/features/matching/tables.ts'
import { acceptOffer } from '../../src/features/referrals/accept-offer.ts'
import { confirmDelivery } from '../../src/features/referrals/confirm-delivery.ts'
import { decideDispute } from '../../src/features/referrals/decide-dispute.ts'
import { declineOffer } from '../../src/features/referrals/decline-offer.ts'
import { disputeDelivery } from '../../src/features/referrals/dispute-delivery.ts'
import { expireOffers } from '../../src/features/referrals/expire-offers.ts'
import { lapseReferrals } from '../../src/features/referrals/lapse-referrals.ts'
import { moveReferral } from '../../src/features/referrals/move-referral.ts'
import { recordDelivery } from '../../src/features/referrals/record-delivery.ts'
import { deliveries, referrals } from '../../src/features/referrals/tables.ts'
import { windUpReferrals } from '../../src/features/referrals/wind-up-referrals.ts'
import { carryOverWallets } from '../../src/features/residents/carry-over-wallets.ts'
import { expireNeeds } from '../../src/features/residents/expire-needs.ts'
import { referralsIn, unanswered } from './month.ts'
import { chance, type Stage } from './stage.ts'

/** Per hundred. */
const ODDS = { accepts: 94, agrees: 88, declines: 7, noShow: 2, disputes: 3, upheld: 50, late: 1 }
const WEEKS = 3

/** Residents say yes, no or nothing; providers mostly yes. What is given up goes on to others, who are asked in turn. */
export async function answerOffers(stage: Stage, rounds: number): Promise<void> {
  const silent = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    for (const { id, version } of await unanswered(stage)) {
      if (silent.has(id)) continue
      if (chance(stage, ODDS.agrees)) await acceptOffer(stage.partner, { id, expectedVersion: version })
      else if (chance(stage, (100 * ODDS.declines) / (100 - ODDS.agrees))) {
        await declineOffer(stage.partner, { id, expectedVersion: version, reason: 'wrong_time' })
      } else silent.add(id)
    }
    for (const { id, version, providerId } of await referralsIn(stage, ['requested'])) {
      const ctx = await stage.provider(providerId)
      const accepts = chance(stage, ODDS.accepts)
      const move = accepts
        ? ({ event: 'accept', reason: null } as const)
        : ({ event: 'reject', reason: 'not_eligible' } as const)
      await moveReferral(ctx, { id, expectedVersion: version, ...move })
    }
    await stage.settled()
  }
  stage.advance(6)
  const expired = await expireOffers(stage.system)
  await stage.settled()
  console.log(`  offers: ${silent.size} without an answer, ${expired} expired`)
}

/** Begins what both have accepted; now and then nobody opens the door. */
export async function beginServices(stage: Stage): Promise<void> {
  for (const row of await referralsIn(stage, ['accepted'])) {
    if (row.residentAnswer !== 'accepted') continue
    const ctx = await stage.provider(row.providerId)
    const wanted = { id: row.id, expectedVersion: row.version }
    if (chance(stage, ODDS.noShow)) await moveReferral(ctx, { ...wanted, event: 'fail', reason: 'no_show' })
    else await moveReferral(ctx, { ...wanted, event: 'start', reason: null })
  }
  await stage.settled()
}

/** Week after week a part of each, the rest in the last; the resident confirms, disputes, or says nothing. */
export async function deliver(stage: Stage): Promise<void> {
  const begun = await referralsIn(stage, ['in-progress'])
  const left = new Map(begun.map(({ id, quantity }) => [id, quantity]))
  for (let week = 1; week <= WEEKS; week++) {
    stage.advance(3)
    for (const { id, providerId, quantity } of begun) {
      const open = left.get(id)!
      const units = week === WEEKS ? open : Math.min(open, Math.floor(quantity / WEEKS))
      if (units === 0) continue
      const ctx = await stage.provider(providerId)
      const deliveredAt = stage.now().toISOString()
      const row = await recordDelivery(ctx, { referralId: id, units, deliveredAt })
      left.set(id, open - units)
      const answer = { id: row.id, expectedVersion: row.version }
      if (chance(stage, ODDS.disputes)) {
        await disputeDelivery(stage.partner, { ...answer, reason: 'fewer_units' })
      } else if (chance(stage, 60)) await confirmDelivery(stage.partner, answer)
    }
  }
  for (const { id, version, providerId } of await referralsIn(stage, ['in-progress'])) {
    const ctx = await stage.provider(providerId)
    await moveReferral(ctx, { id, expectedVersion: version, event: 'complete', reason: null })
  }
  await stage.settled()
}

/** Those of the programs that pay for a delivery in dispute. */
export async function programsInDispute({ db }: Stage, programIds: readonly string[]): Promise<string[]> {
  const rows = await db.root
    .selectDistinct({ programId: matches.programId })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(and(eq(deliveries.state, 'disputed'), inArray(matches.programId, [...programIds])))
  return rows.flatMap(({ programId }) => programId ?? [])
}

/** Half for the provider, half for the resident. */
export async function decideDisputes(stage: Stage): Promise<number> {
  const rows = await stage.db.root
    .select({ id: deliveries.id, version: deliveries.version })
    .from(deliveries)
    .where(eq(deliveries.state, 'disputed'))
    .orderBy(asc(deliveries.id))
  for (const { id, version } of rows) {
    const decision = chance(stage, ODDS.upheld) ? 'annulled' : 'sustained'
    await decideDispute(stage.officer, { id, expectedVersion: version, decision })
  }
  return rows.length
}

/** Some find out only once it is paid for: the next settlement takes it back. */
export async function disputeLate(stage: Stage): Promise<number> {
  const rows = await stage.db.root
    .select({ id: deliveries.id, version: deliveries.version })
    .from(deliveries)
    .innerJoin(referrals, eq(referrals.id, deliveries.referralId))
    .where(and(eq(deliveries.state, 'recorded'), inArray(referrals.status, ['completed'])))
    .orderBy(asc(deliveries.id))
  let disputed = 0
  for (const { id, version } of rows) {
    if (!chance(stage, ODDS.late)) continue
    await disputeDelivery(stage.partner, { id, expectedVersion: version, reason: 'not_delivered' })
    await decideDispute(stage.officer, { id, expectedVersion: version + 1, decision: 'annulled' })
    disputed++
  }
  return disputed
}

/** The month is over, and the days to decide too: what nobody ended ends by itself. */
export async function closeMonth(stage: Stage, next: string): Promise<void> {
  stage.setClock(`${next}-07T08:00:00Z`)
  const unanswered = await expireOffers(stage.system)
  const lapsed = await lapseReferrals(stage.system)
  const wound = await windUpReferrals(stage.system)
  const expired = await expireNeeds(stage.system)
  await stage.settled()
  console.log(
    `  over: ${unanswered} offers expired, ${lapsed} referrals lapsed, ${wound} wound up, ${expired} needs expired`,
  )
}

/** What is left in wallets goes over as their rule says, and what comes back later goes after it. */
export async function carryOver(stage: Stage): Promise<void> {
  await carryOverWallets(stage.system)
}
