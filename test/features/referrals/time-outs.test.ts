import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { disputeDelivery } from '../../../src/features/referrals/dispute-delivery.ts'
import { expireOffers } from '../../../src/features/referrals/expire-offers.ts'
import type { ReferralRow } from '../../../src/features/referrals/get-referral.ts'
import { lapseReferrals } from '../../../src/features/referrals/lapse-referrals.ts'
import { stayReferral } from '../../../src/features/referrals/stay-referral.ts'
import { deliveries } from '../../../src/features/referrals/tables.ts'
import { unstayReferral } from '../../../src/features/referrals/unstay-referral.ts'
import { windUpReferrals } from '../../../src/features/referrals/wind-up-referrals.ts'
import { expireNeeds } from '../../../src/features/residents/expire-needs.ts'
import { stayNeed } from '../../../src/features/residents/stay-need.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { unstayNeed } from '../../../src/features/residents/unstay-need.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines, openTestDb, type TestWorld } from '../../support/test-world.ts'
import { Parties } from './opened-referral.ts'
import { foundTown, type Town } from './proposed-run.ts'

const DAY = 86_400_000
const BEGUN = ['accept', 'yes', 'start'] as const

describe.each(engines())('what nobody ends in time on %s', (rung) => {
  let world: TestWorld
  let town: Town
  let parties: Parties
  beforeAll(async () => {
    world = await openTestDb(rung)
    town = await foundTown(world)
    parties = new Parties(world, town)
  })
  afterAll(() => world.close())

  /** Taipei's month ends eight hours before London's. */
  const system = () => ({ ...world.context(SYSTEM), timeZone: 'Asia/Taipei' })
  const sweep = async () => ({
    expired: await expireOffers(system()),
    lapsed: await lapseReferrals(system()),
    ended: await windUpReferrals(system()),
  })
  const stay = (id: string) => inTransaction(system(), (ctx) => stayReferral(ctx, id))
  const unstay = (id: string) => inTransaction(system(), (ctx) => unstayReferral(ctx, id))
  const lastOf = async ({ id }: ReferralRow) => {
    const { type, data } = (await parties.told(id)).at(-1)!
    return { type, status: data.status, reason: data.reason }
  }

  it('is left alone for the policy’s days after its month, then lapses, is completed or has failed', async () => {
    world.clock.set('2026-12-20T08:00:00Z')
    const agreed = await parties.opened({ steps: ['accept', 'yes'] })
    const idle = await parties.opened({ steps: BEGUN })
    const paused = await parties.opened({ quantity: 2, steps: BEGUN })
    await parties.deliver(paused.referral, 1)
    await parties.move(town.provider, paused.referral, 'hold', 'resident_absent')
    const served = await parties.opened({ quantity: 3, steps: BEGUN })
    await parties.deliver(served.referral, 2)
    const annulled = await parties.opened({ steps: BEGUN })
    const { id } = await parties.deliver(annulled.referral, 1)
    await world.db.root
      .update(deliveries)
      .set({ state: 'annulled', settledAt: world.clock.read() })
      .where(eq(deliveries.id, id))
    const stayed = await parties.opened({ steps: BEGUN })
    await stay(stayed.referral.id)

    world.clock.set('2027-01-05T15:59:59.999Z')
    expect(await sweep()).toEqual({ expired: 0, lapsed: 0, ended: 0 })
    world.clock.set('2027-01-05T16:00:00Z')
    expect(await sweep()).toEqual({ expired: 0, lapsed: 1, ended: 4 })
    expect(await sweep()).toEqual({ expired: 0, lapsed: 0, ended: 0 })

    expect(await lastOf(agreed.referral)).toEqual({
      type: 'referral.lapsed',
      status: 'cancelled',
      reason: 'not_started',
    })
    const free = { match: 'released', need: 'registered', held: 0, spent: 0, places: 0, used: 0 }
    expect(await parties.afterwards(agreed.run)).toEqual(free)
    const nothing = { type: 'referral.failed', status: 'failed', reason: 'nothing_delivered' }
    expect(await lastOf(idle.referral)).toEqual(nothing)
    expect(await parties.afterwards(idle.run)).toEqual(free)
    // What was annulled was not delivered; it stays spent until a settlement corrects it.
    expect(await lastOf(annulled.referral)).toEqual(nothing)
    expect(await parties.afterwards(annulled.run)).toMatchObject({ held: 0, spent: 1000, need: 'registered' })
    for (const [{ referral, run }, units] of [
      [paused, 1],
      [served, 2],
    ] as const) {
      expect(await lastOf(referral)).toEqual({
        type: 'referral.completed',
        status: 'completed',
        reason: null,
      })
      const spent = { match: 'approved', need: 'met', held: 0, spent: 1000 * units, places: 0, used: units }
      expect(await parties.afterwards(run)).toEqual(spent)
    }
    expect(await parties.read(stayed.referral)).toMatchObject({ status: 'in-progress', stayedDays: 0 })
    await parties.move(town.provider, await parties.read(stayed.referral), 'hold', 'other')
  })

  it('has what was left of its time once an appeal stays it no more', async () => {
    world.clock.set('2026-12-20T08:00:00Z')
    const offer = await parties.opened()
    const begun = await parties.opened({ steps: BEGUN })
    for (const { referral } of [offer, begun]) {
      await stay(referral.id)
      await stay(referral.id)
      expect(await parties.read(referral)).toMatchObject({
        stayedAt: world.clock.read(),
        version: referral.version + 1,
      })
    }
    world.clock.advance(10 * DAY - 1)
    expect(await sweep()).toEqual({ expired: 0, lapsed: 0, ended: 0 })
    for (const { referral } of [offer, begun]) {
      await unstay(referral.id)
      await unstay(referral.id)
      expect(await parties.read(referral)).toMatchObject({ stayedAt: null, version: referral.version + 2 })
    }
    const { answerBy } = await parties.read(offer.referral)
    expect(answerBy).toEqual(new Date(offer.referral.answerBy!.getTime() + 10 * DAY - 1))
    world.clock.set(answerBy!.toISOString())
    expect(await sweep()).toMatchObject({ expired: 1 })
    world.clock.set('2027-01-15T15:59:59Z')
    expect(await sweep()).toEqual({ expired: 0, lapsed: 0, ended: 0 })
    world.clock.set('2027-01-15T16:00:00Z')
    // The one that was stayed in the other test still is.
    expect(await sweep()).toEqual({ expired: 0, lapsed: 0, ended: 1 })
    const told = (await parties.told(begun.referral.id)).map(({ type }) => type)
    expect(told.slice(-3)).toEqual(['referral.stayed', 'referral.unstayed', 'referral.failed'])
  })

  it('is completed with a dispute open, and looked at by the system alone', async () => {
    world.clock.set('2026-12-20T08:00:00Z')
    const { referral, run } = await parties.opened({ steps: BEGUN })
    const { id } = await parties.deliver(referral, 1)
    const partner = world.context(town.partner)
    await disputeDelivery(partner, { id, expectedVersion: 1, reason: 'not_delivered' })
    world.clock.set('2027-01-20T00:00:00Z')
    for (const verb of [lapseReferrals, windUpReferrals]) {
      await expect(verb(world.context(town.provider))).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(await windUpReferrals(system())).toBe(1)
    expect(await parties.afterwards(run)).toMatchObject({ spent: 1000, need: 'met' })
  })

  it('goes in batches, each of which is done before the next', async () => {
    world.clock.set('2026-12-20T08:00:00Z')
    for (let n = 0; n < 3; n++) await parties.opened({ steps: n ? BEGUN : ['accept', 'yes'] })
    for (let n = 0; n < 2; n++) {
      const { referral } = await parties.opened({ steps: BEGUN })
      await parties.deliver(referral, 1)
    }
    world.clock.set('2027-01-20T00:00:00Z')
    expect(await windUpReferrals(system(), 1)).toBe(4)
    expect(await lapseReferrals(system(), 1)).toBe(1)
  })

  it('is a need that waits: it expires with its month, but not while an appeal stays it', async () => {
    world.clock.set('2026-12-20T08:00:00Z')
    const { run, referral } = await parties.opened()
    await parties.move(town.provider, referral, 'reject', 'other')
    const needId = run.needIds[0]!
    const stateOf = async () => (await world.db.root.select().from(needs).where(eq(needs.id, needId)))[0]!
    await inTransaction(system(), async (ctx) => {
      await stayNeed(ctx, needId)
      await stayNeed(ctx, needId)
    })
    const before = await stateOf()
    world.clock.set('2027-02-01T00:00:00Z')
    await expireNeeds(system())
    expect(await stateOf()).toEqual(before)
    await inTransaction(system(), (ctx) => unstayNeed(ctx, needId))
    expect(await expireNeeds(system())).toBe(1)
    expect(await stateOf()).toMatchObject({ state: 'expired', stayedAt: null })
    const told = (await parties.told(needId)).filter(({ audience }) => audience.length > 0)
    expect(told.map(({ type }) => type)).toEqual(['need.stayed', 'need.unstayed', 'need.expired'])
    for (const { audience } of told) expect(audience).toEqual([town.partner.organizationId])
  })
})
