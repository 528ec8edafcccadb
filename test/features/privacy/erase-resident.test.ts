/** What an erasure meets: runs under way, services that were completed, and others who write at the same moment. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNeeds } from '../../../src/features/matching/tables.ts'
import { eraseResident } from '../../../src/features/privacy/erase-resident.ts'
import { acceptOffer } from '../../../src/features/referrals/accept-offer.ts'
import { moveReferral, type PartyEvent } from '../../../src/features/referrals/move-referral.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { recordDelivery } from '../../../src/features/referrals/record-delivery.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { registerNeed } from '../../../src/features/residents/register-need.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { engines } from '../../support/test-world.ts'
import { refusalOf } from '../communities/neighborhood.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  propose,
  register,
  startRunner,
  wants,
} from '../matching/marketplace.ts'

describe.each(engines())('the erasure of a resident on %s', (rung) => {
  let market: Marketplace
  beforeAll(async () => {
    market = await openMarketplace(rung)
  })
  afterAll(() => market.world.close())

  const partner = () => market.as(market.partner)
  const db = () => market.world.db.root
  const erase = (residentId: string) => eraseResident(partner(), { residentId, version: 1 })
  const needsOf = (residentId: string) => db().select().from(needs).where(eq(needs.residentId, residentId))
  const isClean = async () => {
    const { differences, unbalancedUnits } = await reconcile(market.world.context())
    expect({ differences, unbalancedUnits }).toEqual({ differences: [], unbalancedUnits: [] })
  }

  it('is not undone by a run that had the resident’s needs', async () => {
    const { north } = market.areas
    const ids = await register(market, [person(north), person(north), person(north)])
    const [erased] = ids
    const run = await propose(market, async () => {
      await erase(erased!)
    })
    expect(run.state).toBe('proposed')
    const matched = await matchesOf(market, run.id)
    expect(matched.map(({ residentId }) => residentId)).not.toContain(erased)
    expect(matched).toHaveLength(2)
    const runner = await startRunner(market)
    await runner.idle()
    await runner.close()
    const [need] = await needsOf(erased!)
    expect(need).toMatchObject({ state: 'withdrawn', term: `erased-${need!.id}` })
    const explained = await db().select().from(runNeeds).where(eq(runNeeds.runId, run.id))
    for (const { needId, explanation } of explained) {
      if (needId === need!.id) expect(explanation).toMatchObject({ considered: 0, option: null })
      else expect(explanation.considered).toBeGreaterThan(0)
    }
    await approveRun(market.as(market.finance), { runId: run.id, expectedVersion: run.version })
    await openReferrals(market.as(market.finance), run.id)
    await isClean()
  })

  it('leaves what was completed as it is', async () => {
    const [referral] = await db().select().from(referrals)
    const { id, residentId, providerId } = referral!
    const provider = market.as(
      Object.values(market.providers).find(({ organizationId }) => organizationId === providerId)!,
    )
    const move = (event: PartyEvent, expectedVersion: number) =>
      moveReferral(provider, { id, event, expectedVersion, reason: null })
    await move('accept', 1)
    await acceptOffer(partner(), { id, expectedVersion: 2 })
    await move('start', 3)
    const deliveredAt = market.world.clock.read().toISOString()
    await recordDelivery(provider, { referralId: id, units: 1, deliveredAt })
    await move('complete', 4)
    const receipt = await erase(residentId)
    expect(receipt.erased).toMatchObject({ endedReferrals: 0, endedMatches: 0 })
    const [after] = await db().select().from(referrals).where(eq(referrals.id, id))
    expect(after).toMatchObject({ status: 'completed', version: 5 })
    expect((await needsOf(residentId)).map(({ state }) => state)).toEqual(['met'])
    await isClean()
  })

  it('happens once, also of two at the same moment', async () => {
    const [residentId] = await register(market, [person(market.areas.north)])
    const outcomes = await Promise.allSettled([erase(residentId!), erase(residentId!)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = outcomes.find((outcome) => outcome.status === 'rejected')!
    expect(lost.reason).toMatchObject({ code: 'not_found' })
    expect(await refusalOf(erase(residentId!))).toMatchObject({ code: 'not_found' })
  })

  it('leaves nothing of what others write at the same moment', async () => {
    const [residentId] = await register(market, [person(market.areas.north)])
    const writing = ['bathing', 'meals', 'opera', 'walks', 'reading', 'chess'].map((term) =>
      registerNeed(partner(), { residentId: residentId!, ...wants(term) }),
    )
    const [erasure, ...written] = await Promise.allSettled([erase(residentId!), ...writing])
    expect(erasure!.status).toBe('fulfilled')
    for (const outcome of written) {
      if (outcome.status === 'rejected') expect(outcome.reason.code).toMatch(/not_found|conflict/)
    }
    const left = await needsOf(residentId!)
    expect(left.filter(({ term }) => !term.startsWith('erased-'))).toEqual([])
    await isClean()
  })
})
