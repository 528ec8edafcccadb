import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { explanationSentence } from '../../../src/features/matching/explanation-sentence.ts'
import { getExplanation } from '../../../src/features/matching/get-explanation.ts'
import { listOptions } from '../../../src/features/matching/instant/list-options.ts'
import { coolOffs } from '../../../src/features/matching/tables.ts'
import { eraseResident } from '../../../src/features/privacy/erase-resident.ts'
import { exportResident } from '../../../src/features/privacy/export-resident.ts'
import { createBooking } from '../../../src/features/referrals/create-booking.ts'
import { moveReferral, type PartyEvent } from '../../../src/features/referrals/move-referral.ts'
import type { ReferralReason } from '../../../src/features/referrals/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { engines } from '../../support/test-world.ts'
import { batchOptions } from '../matching/instant/batch-options.ts'
import { type Marketplace, openMarketplace, person, register, wants } from '../matching/marketplace.ts'
import { metersNorth } from '../matching/snapshots.ts'
import { PERIOD } from './proposed-run.ts'

const DAYS_30 = 30 * 86_400_000

describe.each(engines())('after a no, for a while, on %s', (rung) => {
  let market: Marketplace
  /** One more place of the house. */
  let annex: string
  beforeAll(async () => {
    market = await openMarketplace(rung)
    const { house } = market.providers
    const at = { name: 'Annex', address: 'Road 3', areaId: market.areas.north, point: metersNorth(100) }
    const { id } = await publishOffering(market.as(house), {
      locationId: (await createLocation(market.as(house), at)).id,
      name: 'Annex',
      category: 'elderly_care',
      term: 'day_care',
      tier: 'basic',
      mode: 'onsite',
      unit: 'day',
      price: 5000,
      capacities: [{ period: PERIOD, units: 9 }],
    })
    annex = id
  })
  afterAll(() => market.world.close())

  const partner = () => market.as(market.partner)
  const wanting = async () => {
    const own = { ...wants('day_care'), tier: 'personalized' as const }
    const [residentId] = await register(market, [person(market.areas.north, { needs: [own] })])
    const [need] = await market.world.db.root.select().from(needs).where(eq(needs.residentId, residentId!))
    return { residentId: residentId!, needId: need!.id }
  }
  const offered = async (needId: string) => {
    const { options } = await listOptions(partner(), needId)
    return [...new Set(options.map(({ offering }) => offering.id))].toSorted()
  }
  const every = () => [market.offerings.house, market.offerings.club, annex].toSorted()
  /** Books it and has the provider say no, after these steps. */
  const refuse = async (
    needId: string,
    offeringId: string,
    events: [PartyEvent, ReferralReason | null][],
  ) => {
    const { referralId: id } = await createBooking(partner(), { needId, offeringId, programId: null })
    const { house } = market.providers
    for (const [at, [event, reason]] of events.entries()) {
      await moveReferral(market.as(house), { id, event, reason, expectedVersion: at + 1 })
    }
  }

  it('the offering is no option: not at once, not to book, not in a run, and then it is again', async () => {
    const { residentId, needId } = await wanting()
    expect(await offered(needId)).toEqual(every())
    await refuse(needId, annex, [['reject', 'no_capacity']])
    const others = every().filter((id) => id !== annex)
    expect(await offered(needId)).toEqual(others)
    const { excluded } = await listOptions(partner(), needId, { explain: 'excluded' })
    expect(excluded!.ruledOut).toEqual({ cooling_off: 1 })
    const barrier = { reason: 'cooling_off', kind: 'cool_off', by: null }
    expect(excluded!.offerings).toMatchObject([{ offering: { id: annex }, barriers: [barrier] }])
    const again = createBooking(partner(), { needId, offeringId: annex, programId: null })
    await expect(again).rejects.toMatchObject({ code: 'not_an_option', facts: { reason: 'cooling_off' } })
    const found = (await batchOptions(market)).get(needId)!
    expect([...new Set(found.options.map(({ offering }) => offering.id))].toSorted()).toEqual(others)
    expect(found.ruledOut).toEqual({ cooling_off: 1 })
    await market.world.db.root.update(needs).set({ state: 'registered' }).where(eq(needs.id, needId))

    const [row] = await market.world.db.root
      .select()
      .from(coolOffs)
      .where(eq(coolOffs.residentId, residentId))
    const until = new Date(market.world.clock.read().getTime() + DAYS_30)
    expect(row).toMatchObject({
      offeringId: annex,
      organizationId: null,
      reason: 'referral.reject:no_capacity',
      until,
    })
    // Nobody else is kept from it.
    expect(await offered((await wanting()).needId)).toEqual(every())
    market.world.clock.set(new Date(until.getTime() - 1).toISOString())
    expect(await offered(needId)).toEqual(others)
    market.world.clock.set(until.toISOString())
    expect(await offered(needId)).toEqual(every())
    market.world.clock.set('2026-12-01T08:00:00Z')
  })

  it('all of the provider is none where that was the reason; an explanation says when nothing else is left', async () => {
    const { needId } = await wanting()
    await refuse(needId, annex, [
      ['accept', null],
      ['start', null],
      ['fail', 'no_show'],
    ])
    expect(await offered(needId)).toEqual([market.offerings.club])
    const { world, providers, offerings } = market
    await createBooking(partner(), {
      needId: (await wanting()).needId,
      offeringId: offerings.club,
      programId: null,
    })
    expect(await offered(needId)).toEqual([])
    const { explanation } = await getExplanation(partner(), needId)
    expect(explanation).toMatchObject({ outcome: 'waiting', ruledOut: { cooling_off: 2, no_capacity: 1 } })
    const rows = await world.db.root.select().from(coolOffs)
    expect(rows.at(-1)).toMatchObject({ organizationId: providers.house.organizationId, offeringId: null })
  })

  it('is said in words, as what rules out and as what would help', () => {
    const change = { kind: 'cool_off', accountId: null, programId: null, by: null, fact: null } as const
    const option = { offeringId: annex, programId: null, utility: 1 }
    const rest = { considered: 0, ruledOut: { cooling_off: 1 }, runnerUp: null }
    const explanation = { outcome: 'waiting', reason: 'cooling_off', option, change, ...rest } as const
    const names = { offerings: new Map([[annex, 'Annex']]), programs: new Map(), currency: 'TWD' }
    expect(explanationSentence(explanation, names)).toBe(
      'There is no option now: every offering that would do was declined or fell through a short while ago. With an end of the waiting time after a no, Annex would be an option.',
    )
    expect(explanationSentence(explanation, names, 'zh-Hant')).toContain(
      '若拒絕後的等待期結束，Annex即可成為選項',
    )
  })

  it('nothing is kept back for other reasons; what is, is given out and erased with the resident', async () => {
    const { residentId, needId } = await wanting()
    await refuse(needId, annex, [['reject', 'other']])
    expect(await market.world.db.root.$count(coolOffs, eq(coolOffs.residentId, residentId))).toBe(0)
    await refuse(needId, annex, [['reject', 'too_far']])
    const told = await exportResident(partner(), residentId)
    expect(told.coolOffs).toMatchObject([{ offeringId: annex, reason: 'referral.reject:too_far' }])
    const { erased } = await eraseResident(partner(), { residentId, version: 1 })
    expect(erased.coolOffs).toBe(1)
    expect(await market.world.db.root.$count(coolOffs, eq(coolOffs.residentId, residentId))).toBe(0)
  })
})
