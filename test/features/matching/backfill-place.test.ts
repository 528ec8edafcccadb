import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setStaffTime } from '../../../src/features/catalog/set-staff-time.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { backfillPlace } from '../../../src/features/matching/backfill-place.ts'
import { getExplanation } from '../../../src/features/matching/get-explanation.ts'
import { backfills, matches } from '../../../src/features/matching/tables.ts'
import { policies } from '../../../src/features/policies/tables.ts'
import { eraseResident } from '../../../src/features/privacy/erase-resident.ts'
import { acceptOffer } from '../../../src/features/referrals/accept-offer.ts'
import { getReferral } from '../../../src/features/referrals/get-referral.ts'
import { moveReferral } from '../../../src/features/referrals/move-referral.ts'
import { recordDelivery } from '../../../src/features/referrals/record-delivery.ts'
import { consents, needs } from '../../../src/features/residents/tables.ts'
import { withdrawConsent } from '../../../src/features/residents/withdraw-consent.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { PERIOD } from '../referrals/proposed-run.ts'
import { Backfills } from './backfill-world.ts'
import { startRunner } from './marketplace.ts'

describe.each(engines())('a place that became free, on %s', (rung) => {
  let world: Backfills
  beforeAll(async () => {
    world = await Backfills.open(rung)
  })
  beforeEach(() => world.beginStory())
  afterAll(async () => {
    await world.requireBalance()
    await world.market.world.close()
  })

  it('goes to whoever bids most, with an offer as after a run', async () => {
    const offeringId = await world.publish(1)
    const freed = await world.freed(offeringId)
    const [standard, urgent] = [await world.wanting(), await world.wanting({ priority: 'urgent' })]
    expect(await world.fill(freed)).toBe(1)
    expect(await world.winnersOf(freed.matchId)).toEqual([urgent])
    expect([await world.stateOf(urgent), await world.stateOf(standard)]).toEqual(['matched', 'registered'])
    const { match, referral } = await world.referralOf(urgent)
    expect(match).toMatchObject({ origin: 'backfill', runId: null, offeringId, quantity: 1, price: 3000 })
    const { partner, providers } = world.market
    expect(referral).toMatchObject({
      status: 'requested',
      residentAnswer: null,
      providerId: providers.club.organizationId,
      partnerId: partner.organizationId,
      purchaserId: null,
      answerBy: new Date('2026-12-06T08:00:00Z'),
    })
    const [row] = await world.root.select().from(backfills).where(eq(backfills.matchId, match.id))
    expect(row).toMatchObject({ freedMatchId: freed.matchId, position: 0, candidates: 2, bid: match.utility })
    await expectTold(match.id, referral.id, [referral.providerId, referral.partnerId])
    const told = await getExplanation(world.market.as(partner), urgent)
    expect(told).toMatchObject({ basis: 'backfill', runId: null, explanation: { outcome: 'backfilled' } })
    expect(told.sentences.en).toMatch(/^A place had become free/)
  })

  async function expectTold(matchId: string, referralId: string, audience: string[]) {
    const [place] = await world.root.select().from(events).where(eq(events.objectId, matchId))
    const [opened] = await world.root.select().from(events).where(eq(events.objectId, referralId))
    expect([place!.type, opened!.type]).toEqual(['place.backfilled', 'referral.opened'])
    expect([place!.audience, opened!.audience]).toEqual([audience, audience])
  }

  it('is given once, however often that is asked for', async () => {
    const freed = await world.freed(await world.publish(1))
    const [first] = [await world.wanting({ priority: 'high' }), await world.wanting()]
    expect([await world.fill(freed), await world.fill(freed)]).toEqual([1, 0])
    expect(await world.winnersOf(freed.matchId)).toEqual([first])
  })

  it('goes to several who want less each, until nothing is left', async () => {
    const freed = await world.freed(await world.publish(5), 5)
    const three = await world.wanting({ quantity: 3, priority: 'medium' })
    const tooMany = await world.wanting({ quantity: 4, priority: 'high' })
    const later = await world.wanting()
    const earlier = await world.wanting({ waitingSince: '2026-12-01T07:59:59Z' })
    expect(await world.fill(freed)).toBe(2)
    // Four of the five are taken: of what one wants, two are too many.
    expect(await world.winnersOf(freed.matchId)).toEqual([tooMany, earlier])
    const waiting = await Promise.all([three, later].map((needId) => world.stateOf(needId)))
    expect(waiting).toEqual(['registered', 'registered'])
  })

  it('stays free where nobody wants it, which is on record', async () => {
    const offeringId = await world.publish(1)
    const freed = await world.freed(offeringId)
    expect(await world.fill(freed)).toBe(0)
    expect(await world.winnersOf(freed.matchId)).toEqual([null])
    await world.wanting()
    expect(await world.fill(freed)).toBe(0)
    const entries = await world.root
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.objectId, freed.matchId))
    const place = entries.filter(({ action }) => action === 'place.backfill')
    expect(place.map(({ facts }) => facts)).toEqual([
      { offeringId, period: PERIOD, candidates: 0, matchId: null },
    ])
  })

  it('is not offered again to who gave it up, nor past who gave it up next', async () => {
    const offeringId = await world.publish(1)
    const first = await world.freed(offeringId)
    const second = await world.wanting()
    await world.fill(first)
    const { match, referral } = await world.referralOf(second)
    await world.givenUp({ matchId: match.id, referralId: referral.id, needId: second })
    expect(await world.fill({ matchId: match.id })).toBe(0)
    expect([await world.stateOf(first.needId), await world.stateOf(second)]).toEqual([
      'registered',
      'registered',
    ])
  })

  it('goes to who only lost one because a run was given up', async () => {
    const offeringId = await world.publish(2)
    const [lost, freed] = [await world.freed(offeringId), await world.freed(offeringId)]
    expect(await world.fill(freed)).toBe(0)
    await world.root
      .update(matches)
      .set({ state: 'excluded', exclusionReason: 'run_cancelled' })
      .where(eq(matches.id, lost.matchId))
    const next = await world.freed(offeringId)
    expect(await world.fill(next)).toBe(1)
    expect(await world.winnersOf(next.matchId)).toEqual([lost.needId])
  })

  it('is not there where the provider says that it has none', async () => {
    const freed = await world.freed(await world.publish(1))
    await world.wanting()
    for (const reason of ['no_capacity', 'staff_missing', 'service_closed', 'provider_suspended']) {
      expect(await world.fill(freed, reason)).toBe(0)
    }
    expect(await world.winnersOf(freed.matchId)).toEqual([])
  })

  it('is only what was not used', async () => {
    const offeringId = await world.publish(3)
    const taken = await world.taken(offeringId, 3)
    const club = world.quiet(world.market.providers.club)
    const move = async (event: 'accept' | 'start' | 'fail') => {
      const { version: expectedVersion } = await getReferral(club, taken.referralId)
      const reason = event === 'fail' ? 'no_contact' : null
      await moveReferral(club, { id: taken.referralId, event, reason, expectedVersion })
    }
    await move('accept')
    await move('start')
    world.market.world.clock.advance(60_000)
    const deliveredAt = world.market.world.clock.read().toISOString()
    await recordDelivery(club, { referralId: taken.referralId, units: 2, deliveredAt })
    await move('fail')
    const [two, one] = [await world.wanting({ quantity: 2, priority: 'urgent' }), await world.wanting()]
    expect(await world.fill(taken)).toBe(1)
    expect(await world.winnersOf(taken.matchId)).toEqual([one])
    expect(await world.stateOf(two)).toBe('registered')
  })

  it('is given only while the match is over and the offering there', async () => {
    const offeringId = await world.publish(2)
    const [taken, freed] = [await world.taken(offeringId), await world.freed(offeringId)]
    await world.wanting()
    expect(await world.fill(taken)).toBe(0)
    expect(await world.winnersOf(taken.matchId)).toEqual([])
    const club = world.quiet(world.market.providers.club)
    await withdrawOffering(club, { offeringId, version: 1 })
    expect(await world.fill(freed)).toBe(0)
  })

  it('goes past needs that an appeal stays, that are withdrawn, or whose consent is', async () => {
    const freed = await world.freed(await world.publish(1))
    const [stayed, withdrawn, silent, erased, last] = [
      await world.wanting({ priority: 'urgent' }),
      await world.wanting({ priority: 'urgent' }),
      await world.wanting({ priority: 'urgent' }),
      await world.wanting({ priority: 'urgent' }),
      await world.wanting(),
    ]
    const at = world.market.world.clock.read()
    await world.root.update(needs).set({ stayedAt: at }).where(eq(needs.id, stayed))
    await world.root.update(needs).set({ state: 'withdrawn' }).where(eq(needs.id, withdrawn))
    const partner = world.quiet(world.market.partner)
    const [given] = await world.root
      .select({ id: consents.id })
      .from(consents)
      .innerJoin(needs, eq(needs.residentId, consents.residentId))
      .where(eq(needs.id, silent))
    await withdrawConsent(partner, given!.id)
    const [gone] = await world.root.select().from(needs).where(eq(needs.id, erased))
    await eraseResident(partner, { residentId: gone!.residentId, version: 1 })
    await world.fill(freed)
    expect(await world.winnersOf(freed.matchId)).toEqual([last])
  })

  it('counts what else is taken at its price, and goes to nobody who gains less than that', async () => {
    const { club } = world.market.providers
    await setStaffTime(world.quiet(club), { period: PERIOD, minutes: 6000 })
    const offeringId = await world.publish(1, { staffMinutesPerUnit: 10 })
    const freed = await world.freed(offeringId)
    const [poor, rich] = [
      await world.wanting(
        { priority: 'urgent', tier: 'inclusive' },
        { wallets: [{ period: PERIOD, amount: 2000 }] },
      ),
      await world.wanting({ tier: 'inclusive' }),
    ]
    const { system, market } = world
    const fund = await accountOf(market.programId, 'fund')
    const minutes = await accountOf(club.organizationId, 'staff_time')
    const price = async (ofFund: number, ofMinutes: number) => {
      await world.root.execute(sql`delete from run_prices`)
      await world.root.execute(sql`insert into run_prices (run_id, account_id, price)
        select id, ${fund}::uuid, ${ofFund}::float8 from match_runs
        union all select id, ${minutes}::uuid, ${ofMinutes}::float8 from match_runs`)
    }
    await world.root.execute(sql`insert into match_runs
      (id, organization_id, area_id, period, policy_id, seed, rounds, state, progress, created_at, finished_at)
      select ${system.newId()}, ${market.officer.organizationId}, ${market.areas.district}, ${PERIOD},
        (select id from policies where state = 'adopted'), 1, 1, 'proposed', '{}', now(), now()`)
    const giveNone = async () => {
      await expect(
        inTransaction(system, async (ctx) => {
          expect(await backfillPlace(ctx, freed.matchId)).toBeNull()
          throw new Error('taken back')
        }),
      ).rejects.toThrow('taken back')
    }
    const givenTo = async () => {
      let needId = ''
      const taken = inTransaction(system, async (ctx) => {
        needId = (await backfillPlace(ctx, freed.matchId))!.match.needId
        throw new Error('taken back')
      })
      await expect(taken).rejects.toThrow('taken back')
      return needId
    }
    await price(0, 0)
    expect(await givenTo()).toBe(poor)
    // The poor need the fund to pay 1500; who pays alone takes nothing of it.
    await price(4000, 0)
    expect(await givenTo()).toBe(rich)
    await price(0, 1_000_000)
    await giveNone()
    await world.root.execute(sql`delete from run_prices`)
  })

  async function accountOf(ownerId: string, kind: string): Promise<string> {
    const { rows } = (await world.root.execute(
      sql`select id from accounts where owner_id = ${ownerId} and kind::text = ${kind} and period = ${PERIOD}`,
    )) as unknown as { rows: { id: string }[] }
    return rows[0]!.id
  }

  it('goes to the earlier tier where the policy serves one after the other', async () => {
    const freed = await world.freed(await world.publish(1))
    const personal = await world.wanting({ priority: 'urgent', acceptableHours: null })
    const basic = await world.wanting({ tier: 'basic' })
    const orderBy = (order: string) =>
      world.root.execute(sql`alter table policies disable trigger user`).then(async () => {
        await world.root.execute(
          sql`update policies set document = document || jsonb_build_object('order', ${order}::text,
            'tierWeights', '{"basic": 10, "inclusive": 20, "personalized": 30}'::jsonb) where state = 'adopted'`,
        )
        await world.root.execute(sql`alter table policies enable trigger user`)
      })
    const [inForce] = await world.root.select().from(policies).where(eq(policies.state, 'adopted'))
    await orderBy('by_tier')
    await world.fill(freed)
    expect(await world.winnersOf(freed.matchId)).toEqual([basic])
    const again = await world.freed(await world.publish(1))
    const later = await world.wanting({ tier: 'basic' })
    await orderBy('weighted')
    await world.fill(again)
    expect(await world.winnersOf(again.matchId)).toEqual([personal])
    expect(await world.stateOf(later)).toBe('registered')
    await world.root.execute(sql`alter table policies disable trigger user`)
    await world.root.execute(
      sql`update policies set document = ${JSON.stringify(inForce!.document)}::jsonb where state = 'adopted'`,
    )
    await world.root.execute(sql`alter table policies enable trigger user`)
  })

  it('is given to one of two who are asked for at the same moment, and never twice', async () => {
    const offeringId = await world.publish(2)
    const freed = [await world.freed(offeringId), await world.freed(offeringId)]
    const needIds = [await world.wanting(), await world.wanting()]
    const twice = [...freed, ...freed]
    const opened = await Promise.all(twice.map((one) => world.fill(one)))
    expect(opened.reduce((sum, one) => sum + one)).toBe(2)
    const winners = await Promise.all(freed.map(({ matchId }) => world.winnersOf(matchId)))
    expect(winners.flat().sort()).toEqual([...needIds].sort())
  })

  it('is given by the queue, seconds after somebody gave it up', async () => {
    const taken = await world.taken(await world.publish(1))
    const needId = await world.wanting()
    const runner = await startRunner(world.market)
    try {
      const partner = world.market.as(world.market.partner)
      const { version: expectedVersion } = await getReferral(partner, taken.referralId)
      const gaveUp = { id: taken.referralId, event: 'cancel', reason: 'resident_moved' } as const
      await moveReferral(partner, { ...gaveUp, expectedVersion })
      await expect.poll(() => world.stateOf(needId), { timeout: 15_000, interval: 50 }).toBe('matched')
      const { referral } = await world.referralOf(needId)
      const said = await acceptOffer(partner, { id: referral.id, expectedVersion: referral.version })
      expect(said.residentAnswer).toBe('accepted')
    } finally {
      await runner.close()
    }
  })
})
