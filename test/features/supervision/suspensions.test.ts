import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { getOffering } from '../../../src/features/catalog/get-offering.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import {
  listDirectoryServices,
  listServicesAtLocations,
} from '../../../src/features/directory/read-services.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { PUBLIC, SYSTEM } from '../../../src/features/identity/permissions.ts'
import { listOptions } from '../../../src/features/matching/instant/list-options.ts'
import { createBooking } from '../../../src/features/referrals/create-booking.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { searchOfferings } from '../../../src/features/search/search-offerings.ts'
import { imposeSuspension } from '../../../src/features/supervision/impose-suspension.ts'
import { liftSuspension } from '../../../src/features/supervision/lift-suspension.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import {
  type Marketplace,
  matchesOf,
  openMarketplace,
  person,
  propose,
  register,
  wants,
} from '../matching/marketplace.ts'
import { employ, organize } from '../referrals/proposed-run.ts'

const WHY = { reason: 'unsafe', text: 'The stairs' } as const

describe.each(engines())('a suspension on %s', (rung) => {
  let market: Marketplace
  let supervisor: Actor
  let house: string
  beforeAll(async () => {
    market = await openMarketplace(rung)
    house = market.providers.house.organizationId
    supervisor = await inTransaction(market.as(SYSTEM), async (ctx) =>
      employ(ctx, await organize(ctx, 'supervisor'), 'supervisor'),
    )
  })
  afterAll(() => market.world.close())

  const impose = (providerId: string, offeringId: string | null = null) =>
    imposeSuspension(market.as(supervisor), { providerId, offeringId, ...WHY })
  const lift = (id: string) => liftSuspension(market.as(supervisor), { id, expectedVersion: 1 })
  const stateOf = async (id: string) => (await getOffering(market.as(SYSTEM), id)).state
  const isFound = async (id: string, more = {}) => {
    const { items } = await searchOfferings(market.as(market.partner), { limit: 100, ...more })
    return items.some((one) => one.id === id)
  }
  const page = { page: 1, per_page: 100, format: 'json' } as const
  const isListed = async (id: string) => {
    const listing = await listServicesAtLocations(market.as(PUBLIC), { ...page, full: false })
    return 'page' in listing && listing.page.contents.some((one) => one.id === id)
  }
  const services = async () => {
    const asked = { ...page, minimal: false, full: false }
    const listing = await listDirectoryServices(market.as(PUBLIC), asked)
    return 'page' in listing ? listing.page.total_items : Number.NaN
  }
  const seeker = async (tier: 'basic' | 'personalized' = 'basic') => {
    const wanted = { needs: [{ ...wants('day_care'), tier }] }
    const [residentId] = await register(market, [person(market.areas.north, wanted)])
    const [need] = await market.world.db.root.select().from(needs).where(eq(needs.residentId, residentId!))
    return need!.id
  }
  const isOption = async (needId: string, offeringId: string) => {
    const { options } = await listOptions(market.as(market.partner), needId)
    return options.some((one) => one.offering.id === offeringId)
  }

  it('takes all that a provider offers out of search, directory, options and bookings, and back', async () => {
    const offeringId = market.offerings.house
    const needId = await seeker('personalized')
    expect(await isOption(needId, offeringId)).toBe(true)
    const { id } = await impose(house)
    expect(await stateOf(offeringId)).toBe('suspended')
    expect([await isFound(offeringId), await isListed(offeringId)]).toEqual([false, false])
    expect(await isFound(offeringId, { state: 'suspended' })).toBe(true)
    expect(await isOption(needId, offeringId)).toBe(false)
    const booked = createBooking(market.as(market.partner), { needId, offeringId })
    await expect(booked).rejects.toMatchObject({ code: 'not_an_option' })
    await lift(id)
    expect(await stateOf(offeringId)).toBe('published')
    expect([await isFound(offeringId), await isListed(offeringId)]).toEqual([true, true])
    expect(await isOption(needId, offeringId)).toBe(true)
  })

  it('of a run under way leaves its matches unmade', async () => {
    const { world } = market
    await seeker()
    let imposed = ''
    const run = await propose(market, async () => {
      imposed = (await impose(house)).id
    })
    expect(run.state).toBe('proposed')
    const found = await matchesOf(market, run.id)
    expect(found.filter(({ offeringId }) => offeringId === market.offerings.house)).toEqual([])
    await lift(imposed)
    expect(await world.db.root.$count(needs)).toBeGreaterThan(0)
  })

  it('holds for what the provider publishes, revises and withdraws meanwhile', async () => {
    const as = market.as(market.providers.house)
    const kept = market.offerings.house
    const { id } = await impose(house)
    const at = { name: 'Annex', address: 'Road 2', areaId: market.areas.north }
    const { id: locationId } = await createLocation(as, at)
    const publish = () =>
      publishOffering(as, {
        locationId,
        name: 'Meals',
        category: 'elderly_care',
        term: 'meals',
        tier: 'basic',
        mode: 'onsite',
        unit: 'meal',
        price: 100,
      })
    const fresh = await publish()
    const gone = await publish()
    expect(fresh.state).toBe('suspended')
    expect([await isFound(fresh.id), await isListed(fresh.id)]).toEqual([false, false])
    const { version } = await getOffering(as, kept)
    expect(await reviseOffering(as, { offeringId: kept, version, price: 9000 })).toMatchObject({
      state: 'suspended',
    })
    expect(await withdrawOffering(as, { offeringId: gone.id, version: 1 })).toMatchObject({
      state: 'withdrawn',
    })
    await lift(id)
    expect([await stateOf(fresh.id), await stateOf(kept), await stateOf(gone.id)]).toEqual([
      'published',
      'published',
      'withdrawn',
    ])
  })

  it('of a provider and of one of its offerings end each for itself', async () => {
    const { club } = market.offerings
    const provider = market.providers.club.organizationId
    const ofOffering = await impose(provider, club)
    const ofProvider = await impose(provider)
    await expect(impose(provider)).rejects.toMatchObject({ code: 'state_conflict' })
    await expect(impose(provider, club)).rejects.toMatchObject({ code: 'state_conflict' })
    await lift(ofProvider.id)
    expect(await stateOf(club)).toBe('suspended')
    await lift(ofOffering.id)
    expect(await stateOf(club)).toBe('published')
    await expect(
      liftSuspension(market.as(supervisor), { id: ofOffering.id, expectedVersion: 2 }),
    ).rejects.toMatchObject({ code: 'state_conflict' })
  })

  it('hides also what a feed goes on telling, with a service of which nothing else is left', async () => {
    const { helpers } = market.offerings
    const ofFeed = { feedId: market.areas.north }
    await market.world.db.root
      .update(directoryRecords)
      .set(ofFeed)
      .where(eq(directoryRecords.kind, 'service_at_location'))
    await market.world.db.root
      .update(directoryRecords)
      .set(ofFeed)
      .where(eq(directoryRecords.kind, 'service'))
    const before = await services()
    const { id } = await impose(market.providers.helpers.organizationId)
    expect([await isListed(helpers), await services()]).toEqual([false, before - 1])
    await lift(id)
    expect([await isListed(helpers), await services()]).toEqual([true, before])
  })

  it('is for a supervisor of all the provider’s area, of another body, with the duty', async () => {
    const { areas, providers, officer } = market
    const north = { ...supervisor, areaId: areas.north }
    const said = { providerId: providers.helpers.organizationId, ...WHY }
    const wholly = imposeSuspension(market.as({ ...supervisor, areaId: areas.south }), said)
    await expect(wholly).rejects.toMatchObject({ code: 'not_found' })
    // Helpers serve the whole district.
    await expect(imposeSuspension(market.as(north), said)).rejects.toMatchObject({ code: 'invalid_input' })
    const foreign = { ...said, offeringId: market.offerings.club }
    await expect(imposeSuspension(market.as(north), foreign)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(imposeSuspension(market.as(officer), said)).rejects.toMatchObject({ code: 'forbidden' })
    const own = { providerId: officer.organizationId, ...WHY }
    await expect(imposeSuspension(market.as(supervisor), own)).rejects.toMatchObject({ code: 'not_found' })
    const one = { ...said, offeringId: market.offerings.helpers }
    const { id } = await imposeSuspension(market.as(north), one)
    await lift(id)
  })
})
