import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { locations, offerings } from '../../../src/features/catalog/tables.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { getExplanation } from '../../../src/features/matching/get-explanation.ts'
import { freezeProgram } from '../../../src/features/programs/freeze-program.ts'
import { programs } from '../../../src/features/programs/tables.ts'
import { declineOffer } from '../../../src/features/referrals/decline-offer.ts'
import { openReferrals } from '../../../src/features/referrals/open-referrals.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import { ConsentFact } from '../../../src/features/residents/schemas.ts'
import { approveRun } from '../../../src/features/review/approve-run.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { appOver, keyOf, sender } from '../../app/api-world.ts'
import { employ, organize, PERIOD } from '../referrals/proposed-run.ts'
import { Backfills } from './backfill-world.ts'
import { matchesOf, propose } from './marketplace.ts'

let world: Backfills
let supervisor: Actor
beforeAll(async () => {
  world = await Backfills.open()
  supervisor = await inTransaction(world.market.as(SYSTEM), async (ctx) =>
    employ(ctx, await organize(ctx, 'supervisor'), 'supervisor'),
  )
})
beforeEach(() => world.beginStory())
afterAll(async () => {
  await world.requireBalance()
  await world.market.world.close()
})

async function waitlistFor(actor: Actor, offeringId: string, query = `?period=${PERIOD}`) {
  const { world: ground } = world.market
  const send = sender(appOver(ground))
  return send(await keyOf(ground, actor), 'GET', `/v1/offerings/${offeringId}/waitlist${query}`)
}

describe('the waitlist of a full offering', () => {
  it('is in the order in which its places are given, and tells nothing of residents', async () => {
    const { providers, officer } = world.market
    const offeringId = await world.publish(1)
    const taken = await world.taken(offeringId)
    const far = await world.wanting(
      { maxWalkingMinutes: 1 },
      { point: { latitude: 25.04, longitude: 121.54 } },
    )
    const [standard, medium] = [await world.wanting(), await world.wanting({ priority: 'medium' })]
    const urgent = await world.wanting({ priority: 'urgent', quantity: 2 })
    const { status, body } = await waitlistFor(providers.club, offeringId)
    expect(status).toBe(200)
    expect(body).toMatchObject({ offeringId, period: PERIOD })
    const order = body.entries.map(({ needId }: { needId: string }) => needId)
    expect(order).toEqual([urgent, medium, standard])
    expect(order).not.toContain(far)
    expect(Object.keys(body.entries[0]).sort()).toEqual(
      ['bid', 'needId', 'position', 'priority', 'quantity', 'waitingSince'].sort(),
    )
    expect(body.entries[1]).toMatchObject({ position: 2, priority: 'medium', quantity: 1 })
    for (const actor of [officer, supervisor]) {
      expect((await waitlistFor(actor, offeringId)).body.entries).toEqual(body.entries)
    }
    const cut = await waitlistFor(officer, offeringId, `?period=${PERIOD}&limit=1`)
    expect(cut.body.entries).toEqual(body.entries.slice(0, 1))
    // Of the two units that the first one wants there is only one.
    await world.givenUp(taken)
    await world.fill(taken)
    expect(await world.winnersOf(taken.matchId)).toEqual([medium])
    expect(body.entries[1].bid).toBe((await world.referralOf(medium)).match.utility)
  })

  it('is that of the current month where none is named, and empty where there is no such month', async () => {
    const offeringId = await world.publish(1)
    const needId = await world.wanting()
    const { body } = await waitlistFor(world.market.officer, offeringId, '')
    expect(body.entries).toMatchObject([{ needId }])
    const other = await waitlistFor(world.market.officer, offeringId, '?period=2027-02')
    expect(other).toMatchObject({ status: 200, body: { entries: [] } })
  })

  it('is nobody else’s, and withholds what would tell how far a confidential place is', async () => {
    const { providers, officer, partner } = world.market
    const offeringId = await world.publish(1)
    await world.wanting()
    expect((await waitlistFor(providers.house, offeringId)).status).toBe(404)
    expect((await waitlistFor(partner, offeringId)).status).toBe(403)
    const [row] = await world.root.select().from(offerings).where(eq(offerings.id, offeringId))
    const place = eq(locations.id, row!.locationId)
    await world.root.update(locations).set({ visibility: 'confidential' }).where(place)
    const [seen, kept] = [
      await waitlistFor(officer, offeringId),
      await waitlistFor(providers.club, offeringId),
    ]
    expect(seen.body.entries).toMatchObject([{ position: 1, bid: null }])
    expect(kept.body.entries[0].bid).toBeGreaterThan(0)
  })
})

describe('a place that a run had given', () => {
  it('goes on under the run: to whom its purchaser may match, paid by programs that are open', async () => {
    const { market, root } = world
    const offeringId = await world.publish(1, { price: 6000 })
    const first = await world.wanting({ tier: 'basic' })
    const run = await propose(market)
    await approveRun(market.as(market.finance), { runId: run.id, expectedVersion: run.version })
    const finance = world.quiet(market.finance)
    await openReferrals(finance, run.id)
    const match = (await matchesOf(market, run.id)).find(({ needId }) => needId === first)!
    expect(match).toMatchObject({ offeringId, programId: market.programId, subsidy: 3000 })

    const facts = [...ConsentFact.options]
    const only = (recipientId: string) => ({
      consents: [{ purpose: 'matching' as const, recipientId, facts }],
    })
    const { partner, officer } = market
    const notForUs = await world.wanting({ tier: 'basic', priority: 'urgent' }, only(partner.organizationId))
    // Without the program, 6000 are more than there is in the wallet.
    const poor = { wallets: [{ period: PERIOD, amount: 3000 }] }
    const needsFund = await world.wanting({ tier: 'basic', priority: 'high' }, poor)
    const forUs = await world.wanting({ tier: 'basic' }, only(officer.organizationId))
    const [program] = await root.select().from(programs).where(eq(programs.id, market.programId))
    await freezeProgram(market.as(officer), { id: program!.id, expectedVersion: program!.version })

    const [referral] = await root.select().from(referrals).where(eq(referrals.matchId, match.id))
    const { id, version: expectedVersion } = referral!
    await declineOffer(world.quiet(partner), { id, expectedVersion, reason: 'other' })
    await world.fill({ matchId: match.id })
    expect(await world.winnersOf(match.id)).toEqual([forUs])
    const given = await world.referralOf(forUs)
    expect(given.match).toMatchObject({ origin: 'backfill', runId: run.id, programId: null })
    expect(given.referral.purchaserId).toBe(officer.organizationId)
    expect([await world.stateOf(notForUs), await world.stateOf(needsFund)]).toEqual([
      'registered',
      'registered',
    ])
    const told = await getExplanation(market.as(partner), forUs)
    expect(told).toMatchObject({ basis: 'backfill', runId: run.id })
  })
})
