/** A consent taken back takes with it what rests on it: offers, matches, and what a run under way has chosen. */
import { and, eq, inArray } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explainRunNeed } from '../../../src/features/matching/explain-run-need.ts'
import { matches, runNeeds } from '../../../src/features/matching/tables.ts'
import { moveReferral } from '../../../src/features/referrals/move-referral.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { giveConsent } from '../../../src/features/residents/give-consent.ts'
import { ConsentFact, type GiveConsent } from '../../../src/features/residents/schemas.ts'
import { consents, needs } from '../../../src/features/residents/tables.ts'
import { withdrawConsent } from '../../../src/features/residents/withdraw-consent.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { jobs } from '../../../src/platform/jobs/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { holds } from '../../../src/platform/ledger/tables.ts'
import { rungs } from '../../support/test-world.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  propose,
  readRun,
  register,
  startRunner,
} from '../matching/marketplace.ts'

const SECOND = 1000

describe.each(rungs())('a consent taken back on %s', (rung) => {
  let market: Marketplace
  let runner: Awaited<ReturnType<typeof startRunner>> | undefined
  let residentId: string
  let otherId: string
  beforeEach(async () => {
    market = await openMarketplace(rung)
    const { north } = market.areas
    ;[residentId, otherId] = (await register(market, [person(north), person(north)])) as [string, string]
  })
  afterEach(async () => {
    await runner?.close()
    runner = undefined
    await market.world.close()
  })
  const db = () => market.world.db.root
  const partner = () => market.as(market.partner)

  /** A run over both residents, proposed; approved and offered if wanted. */
  async function run(until: 'proposed' | 'approved' | 'offered') {
    const proposed = await propose(market)
    if (until === 'proposed') return proposed
    const { id: runId, version: expectedVersion } = proposed
    await approveRun(market.as(market.finance), { runId, expectedVersion })
    if (until === 'offered') await openReferrals(market.as(market.finance), runId)
    return proposed
  }

  async function withdraw(purpose: GiveConsent['purpose'] = 'matching', of = residentId): Promise<void> {
    const given = await db()
      .select()
      .from(consents)
      .where(and(eq(consents.residentId, of), eq(consents.purpose, purpose)))
    await withdrawConsent(partner(), given[0]!.id)
  }

  /** Withdraws, and waits for what follows: all of it within a second. */
  async function withdrawAndWait(...rest: Parameters<typeof withdraw>): Promise<void> {
    runner ??= await startRunner(market)
    await runner.idle()
    const begun = performance.now()
    await withdraw(...rest)
    await runner.idle()
    expect(performance.now() - begun).toBeLessThan(SECOND)
  }

  async function stateOf(id: string) {
    const [match] = await db().select().from(matches).where(eq(matches.residentId, id))
    const [need] = await db().select().from(needs).where(eq(needs.residentId, id))
    const [referral] = await db().select().from(referrals).where(eq(referrals.residentId, id))
    const open = match ? await db().select().from(holds).where(eq(holds.bundleId, match.id)) : []
    return {
      match: match?.state ?? null,
      reason: match?.exclusionReason ?? null,
      need: need!.state,
      referral: referral ? [referral.status, referral.statusReason] : null,
      held: open.reduce((sum, hold) => sum + hold.open, 0) > 0,
    }
  }

  async function expectBalanced(): Promise<void> {
    expect(await reconcile(market.world.context())).toMatchObject({ differences: [], unbalancedUnits: [] })
  }

  const UNTOUCHED = { reason: null, need: 'matched', held: true }
  const OFFERED = { ...UNTOUCHED, match: 'approved', referral: ['requested', null] }

  it('cancels the offer within a second, and gives back everything it held', async () => {
    const [acceptedId] = await register(market, [person(market.areas.north)])
    await run('offered')
    expect([await stateOf(residentId), await stateOf(otherId)]).toEqual([OFFERED, OFFERED])
    await accept(acceptedId!)
    await withdrawAndWait()
    await withdrawAndWait('matching', acceptedId)
    expect(await stateOf(residentId)).toEqual({
      match: 'released',
      reason: 'referral.cancel:consent_withdrawn',
      need: 'registered',
      referral: ['cancelled', 'consent_withdrawn'],
      held: false,
    })
    expect(await stateOf(otherId)).toEqual(OFFERED)
    // What the provider has accepted goes on until somebody ends it.
    expect(await stateOf(acceptedId!)).toMatchObject({ match: 'approved', referral: ['accepted', null] })
    await expectBalanced()
  })

  async function accept(id: string): Promise<void> {
    const [referral] = await db().select().from(referrals).where(eq(referrals.residentId, id))
    const provider = Object.values(market.providers).find(
      ({ organizationId }) => organizationId === referral!.providerId,
    )!
    const wanted = { id: referral!.id, event: 'accept', expectedVersion: 1, reason: null } as const
    await moveReferral(market.as(provider), wanted)
  }

  it('releases what a run has proposed, or what is approved and not offered yet', async () => {
    await run('proposed')
    await withdrawAndWait()
    const released = { reason: 'consent_withdrawn', need: 'registered', referral: null, held: false }
    expect(await stateOf(residentId)).toEqual({ ...released, match: 'excluded' })
    expect(await stateOf(otherId)).toEqual({ ...UNTOUCHED, match: 'proposed', referral: null })
    await runner!.close()
    const [other] = await db().select().from(matches).where(eq(matches.residentId, otherId))
    await approveRun(market.as(market.finance), { runId: other!.runId!, expectedVersion: 2 })
    // As if the withdrawal had overtaken the job that opens the referrals.
    const now = market.world.clock.read()
    await db().update(jobs).set({ doneAt: now }).where(eq(jobs.name, 'referrals.open'))
    runner = undefined
    await withdrawAndWait('matching', otherId)
    expect(await stateOf(otherId)).toEqual({ ...released, match: 'released' })
    expect(await openReferrals(market.as(market.finance), other!.runId!)).toBe(0)
    await expectBalanced()
  })

  const facts = [...ConsentFact.options]
  const give = (more: Partial<GiveConsent>) =>
    giveConsent(partner(), { residentId, purpose: 'matching', facts, ...more })

  it('leaves what another consent covers for the same organization', async () => {
    await give({ recipientId: market.officer.organizationId })
    await run('offered')
    await withdrawAndWait()
    expect(await stateOf(residentId)).toEqual(OFFERED)
    // The second one is for the purchaser alone; with it goes the last leave to match.
    const [second] = await db()
      .select()
      .from(consents)
      .where(eq(consents.recipientId, market.officer.organizationId))
    await withdrawConsent(partner(), second!.id)
    await runner!.idle()
    expect(await stateOf(residentId)).toMatchObject({ match: 'released', held: false })
    await expectBalanced()
  })

  it('takes nothing back if it was for something else, or somebody else, or covered twice', async () => {
    const others = [
      await give({ purpose: 'statistics' }),
      await give({ recipientId: market.providers.club.organizationId }),
      await give({ facts: ['mobility'] }),
    ]
    await run('offered')
    runner = await startRunner(market)
    for (const { id } of others) await withdrawConsent(partner(), id)
    await runner.idle()
    expect(await stateOf(residentId)).toEqual(OFFERED)
  })

  it('to be known to the provider cancels its offer, but no proposal', async () => {
    await give({ purpose: 'referral' })
    await run('proposed')
    await withdrawAndWait('referral')
    expect(await stateOf(residentId)).toMatchObject({ match: 'proposed', held: true })
    const { id } = await give({ purpose: 'referral' })
    const [match] = await db().select().from(matches)
    await approveRun(market.as(market.finance), { runId: match!.runId!, expectedVersion: 2 })
    await runner!.idle()
    await withdrawConsent(partner(), id)
    await runner!.idle()
    expect(await stateOf(residentId)).toMatchObject({ referral: ['cancelled', 'consent_withdrawn'] })
    expect(await stateOf(otherId)).toEqual(OFFERED)
  })

  it('keeps the run under way and the next one from matching the resident', async () => {
    const { id } = await propose(market, () => withdraw())
    const found = await matchesOf(market, id)
    expect(found.map((match) => match.residentId)).toEqual([otherId])
    const { result } = await readRun(market, id)
    expect(result).toMatchObject({ matched: 2, displaced: 1 })
    const [need] = await db()
      .select()
      .from(needs)
      .where(inArray(needs.residentId, [residentId]))
    expect(need!.state).toBe('unmet')
    const { explanation } = await explainRunNeed(market.as(market.officer), id, need!.id)
    expect(explanation).toMatchObject({ reason: 'displaced' })
    const next = await propose(market)
    expect(await matchesOf(market, next.id)).toEqual([])
    const [evidence] = await db().select().from(runNeeds).where(eq(runNeeds.runId, next.id))
    expect(evidence).toMatchObject({ needId: need!.id, reason: 'consent_missing' })
    await expectBalanced()
  })
})
