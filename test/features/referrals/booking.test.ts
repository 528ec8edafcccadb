import { eq, inArray, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import type { PublishOffering } from '../../../src/features/catalog/schemas.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { locations, offerings } from '../../../src/features/catalog/tables.ts'
import { createPrincipal } from '../../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { matches } from '../../../src/features/matching/tables.ts'
import { approveProgram } from '../../../src/features/programs/approve-program.ts'
import { createProgram } from '../../../src/features/programs/create-program.ts'
import { openProgram } from '../../../src/features/programs/open-program.ts'
import { submitProgram } from '../../../src/features/programs/submit-program.ts'
import { referrals } from '../../../src/features/referrals/tables.ts'
import type { RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { withdrawNeed } from '../../../src/features/residents/withdraw-need.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { idempotencyKeys } from '../../../src/platform/http/tables.ts'
import { reconcile } from '../../../src/platform/ledger/reconcile.ts'
import { accounts, holds } from '../../../src/platform/ledger/tables.ts'
import { type Answer, appOver, keyOf, sender } from '../../app/api-world.ts'
import { engines, type Rung } from '../../support/test-world.ts'
import {
  type Marketplace,
  openMarketplace,
  order,
  person,
  propose,
  register,
  solveRun,
  wants,
} from '../matching/marketplace.ts'
import { metersNorth } from '../matching/snapshots.ts'
import { organize, PERIOD } from './proposed-run.ts'

type ResidentInput = RegisterResidents['residents'][number]

const own = (term = 'day_care') => ({ ...wants(term), tier: 'personalized' as const })
const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

/** The marketplace behind its API, in the hands of the partner's app. */
async function openBookings(rung: Rung = 'embedded') {
  const market = await openMarketplace(rung)
  const send = sender(appOver(market.world))
  const key = await keyOf(market.world, market.partner)
  const book = (needId: string, body: object, headers: Record<string, string> = {}) =>
    send(key, 'POST', `/v1/needs/${needId}/bookings`, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  /** Registers somebody in the north and gives the id of their need. */
  const wanting = async (more: Partial<ResidentInput> = {}) => {
    const [residentId] = await register(market, [person(market.areas.north, { needs: [own()], ...more })])
    const [need] = await market.world.db.root.select().from(needs).where(eq(needs.residentId, residentId!))
    return need!.id
  }
  /** Another place of the club's, next door. */
  const publish = async (more: Partial<PublishOffering> & { units: number }) => {
    const { units, ...fields } = more
    const { club } = market.providers
    const at = { name: 'Club', address: 'Road 2', areaId: market.areas.north, point: metersNorth(50) }
    const { id } = await publishOffering(market.as(club), {
      locationId: (await createLocation(market.as(club), at)).id,
      name: 'Service',
      category: 'elderly_care',
      term: 'day_care',
      tier: 'personalized',
      mode: 'onsite',
      unit: 'day',
      price: 3000,
      capacities: [{ period: PERIOD, units }],
      ...fields,
    })
    return id
  }
  /** Pays half for individual needs, out of so much. */
  const fund = async (budget: number) => {
    const { officer, finance, areas } = market
    const { id } = await createProgram(market.as(officer), {
      areaId: areas.district,
      period: PERIOD,
      name: `Fund of ${budget}`,
      categories: ['elderly_care'],
      tiers: ['personalized'],
      budget,
      subsidyShare: 5000,
      residentCap: 6000,
    })
    await submitProgram(market.as(officer), { id, expectedVersion: 1 })
    await approveProgram(market.as(finance), { id, expectedVersion: 2 })
    await openProgram(market.as(officer), { id, expectedVersion: 3 })
    return id
  }
  return { market, send, key, book, wanting, publish, fund, ...reader(market) }
}

/** What a refused booking must leave as it was, and what a good one changes. */
function reader({ world, as }: Marketplace) {
  const { root } = world.db
  return {
    everything: async () => ({
      accounts: await root.select().from(accounts).orderBy(accounts.id),
      needs: await root.select().from(needs).orderBy(needs.id),
      holds: await root.$count(holds),
      matches: await root.$count(matches),
      referrals: await root.$count(referrals),
      events: await root.$count(events),
      entries: await root.$count(auditEntries),
      answers: await root.$count(idempotencyKeys),
    }),
    stateOf: async (needId: string) =>
      (await root.select().from(needs).where(eq(needs.id, needId)))[0]!.state,
    account: async (ownerId: string, kind: string) =>
      (await root.select().from(accounts).where(eq(accounts.ownerId, ownerId))).find((a) => a.kind === kind)!,
    requireBalance: async () => {
      const { differences, unbalancedUnits } = await reconcile(as(SYSTEM))
      expect({ differences, unbalancedUnits }).toEqual({ differences: [], unbalancedUnits: [] })
    },
  }
}

type Bookings = Awaited<ReturnType<typeof openBookings>>

describe.each(engines())('a booking on %s', (rung) => {
  let bookings: Bookings
  beforeAll(async () => {
    bookings = await openBookings(rung)
  })
  afterAll(() => bookings.market.world.close())

  it('takes place, staff time and wallet, and opens the referral', async () => {
    const { market, book, wanting, send, key, account, stateOf, requireBalance } = bookings
    const needId = await wanting()
    const answer = await book(needId, { offeringId: market.offerings.house })
    expect(answer.status, answer.text).toBe(201)
    const { referralId, matchId, utility, parts } = answer.body
    expect(answer.body).toMatchObject({
      needId,
      offeringId: market.offerings.house,
      programId: null,
      price: 10_000,
      subsidy: 0,
      copayment: 10_000,
      status: 'requested',
      answerBy: '2026-12-06T08:00:00.000Z',
    })
    expect(Object.values(parts as Record<string, number>).reduce((a, b) => a + b)).toBe(utility)
    expect(answer.headers.get('location')).toBe(`/v1/referrals/${referralId}`)
    const referral = await send(key, 'GET', `/v1/referrals/${referralId}`)
    const providerId = market.providers.house.organizationId
    expect(referral.body).toMatchObject({
      matchId,
      providerId,
      partnerId: market.partner.organizationId,
      purchaserId: null,
      residentAnswer: 'accepted',
    })
    expect(await stateOf(needId)).toBe('matched')
    expect((await account(market.offerings.house, 'capacity')).held).toBe(1)
    expect((await account(providerId, 'staff_time')).held).toBe(60)
    expect((await account(referral.body.residentId, 'wallet')).held).toBe(10_000)
    await requireBalance()
  })

  it('tells nothing of how far a confidential place is', async () => {
    const { market, book, wanting, publish } = bookings
    const offeringId = await publish({ units: 2 })
    const { root } = market.world.db
    const [row] = await root.select().from(offerings).where(eq(offerings.id, offeringId))
    await root.update(locations).set({ visibility: 'confidential' }).where(eq(locations.id, row!.locationId))
    const booked = await book(await wanting(), { offeringId })
    expect(booked.status).toBe(201)
    expect(booked.body).toMatchObject({
      placeWithheld: true,
      walkingMinutes: null,
      utility: null,
      parts: null,
    })
    const near = { ...own(), maxWalkingMinutes: 1 }
    const refused = await book(await wanting({ needs: [near], point: metersNorth(400) }), { offeringId })
    expect(refused.body).toMatchObject({ code: 'not_an_option', barriers: [{ kind: 'reach', by: null }] })
  })

  it('has a program pay its part, and its purchaser become a party', async () => {
    const { market, book, wanting, publish, fund, account, requireBalance } = bookings
    const [programId, offeringId] = [await fund(50_000), await publish({ units: 3 })]
    const { body } = await book(await wanting(), { offeringId, programId })
    expect(body).toMatchObject({ programId, price: 3000, subsidy: 1500, copayment: 1500 })
    expect((await account(programId, 'fund')).held).toBe(1500)
    const { root } = market.world.db
    const [referral] = await root.select().from(referrals).where(eq(referrals.id, body.referralId))
    const { organizationId } = market.officer
    expect(referral!.purchaserId).toBe(organizationId)
    const told = await root.select().from(events).where(eq(events.objectId, body.referralId))
    expect(told.map(({ type }) => type).sort()).toEqual(['booking.created', 'referral.opened'])
    for (const { audience } of told) {
      expect([...audience].sort()).toEqual(
        [market.partner.organizationId, market.providers.club.organizationId, organizationId].sort(),
      )
    }
    const entries = await root.select().from(auditEntries).where(eq(auditEntries.objectId, body.referralId))
    expect(entries.map(({ action }) => action)).toEqual(['booking.create'])
    await requireBalance()
  })

  it('gives the last place to exactly one of many who want it at once', async () => {
    const { market, book, publish, requireBalance } = bookings
    const offeringId = await publish({ units: 1 })
    const ids = await register(
      market,
      Array.from({ length: 20 }, () => person(market.areas.north, { needs: [own()] })),
    )
    const { root } = market.world.db
    const wanted = (await root.select().from(needs).where(inArray(needs.residentId, ids))).map(({ id }) => id)
    const answers = await Promise.all(
      wanted.map((needId) => book(needId, { offeringId }, { 'idempotency-key': needId })),
    )
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(19)
    for (const { body } of refused) {
      expect(body).toMatchObject({ status: 409, code: 'insufficient', reason: 'no_capacity' })
    }
    expect(new Set(refused.map(({ body }) => body.type)).size).toBe(1)
    const left = await root.select().from(matches).where(eq(matches.offeringId, offeringId))
    expect(left).toHaveLength(1)
    await requireBalance()
  })

  // The embedded database has one connection: nothing waits for anything there.
  it.skipIf(rung === 'embedded')(
    'waits for a run that is being written, and for others, but never in a circle',
    async () => {
      const { market, book, publish, requireBalance } = bookings
      const { root } = market.world.db
      const offeringId = await publish({ units: 30, tier: 'basic' })
      const anybody = (count: number, more: Partial<ResidentInput> = {}) =>
        register(
          market,
          Array.from({ length: count }, () => person(market.areas.north, more)),
        )
      await anybody(15)
      const run = await order(market)
      const write = await solveRun(market, run.id)
      const ids = await anybody(15, { needs: [own()] })
      const wanted = await root.select().from(needs).where(inArray(needs.residentId, ids))
      const answers = Promise.all(wanted.map(({ id }) => book(id, { offeringId })))
      await inTransaction(market.as(market.officer), write)
      for (const { status } of await answers) expect([201, 409]).toContain(status)
      await requireBalance()
      // The server counts when a connection has been idle for a second.
      await new Promise((resolve) => setTimeout(resolve, 1200))
      const { rows } = (await root.execute(
        sql`select deadlocks::int from pg_stat_database where datname = current_database()`,
      )) as unknown as { rows: { deadlocks: number }[] }
      expect(rows[0]!.deadlocks).toBe(0)
    },
    30_000,
  )

  it('serves one need once, whatever is booked for it at the same time', async () => {
    const { book, wanting, publish, requireBalance } = bookings
    const places = [await publish({ units: 2 }), await publish({ units: 2 }), await publish({ units: 2 })]
    const needId = await wanting()
    const answers = await Promise.all(places.map((offeringId) => book(needId, { offeringId })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    for (const { body } of answers.filter(({ status }) => status === 409)) {
      expect(body.code).toBe('state_conflict')
    }
    await requireBalance()
  })
})

describe('a booking is refused', () => {
  let bookings: Bookings
  beforeAll(async () => {
    bookings = await openBookings()
  })
  afterAll(() => bookings.market.world.close())

  type Case = (bookings: Bookings) => Promise<{ needId: string; body: object }>
  const house = ({ market }: Bookings) => ({ offeringId: market.offerings.house })
  const cases: [string, Case, object][] = [
    [
      'for a tier that residents may not book',
      async (b) => ({ needId: await b.wanting({ needs: [wants('day_care')] }), body: house(b) }),
      { status: 403, code: 'not_bookable', tier: 'basic', bookableTiers: ['personalized'] },
    ],
    [
      'for an offering that does not exist',
      async (b) => ({ needId: await b.wanting(), body: { offeringId: UNKNOWN } }),
      { status: 404, code: 'not_found' },
    ],
    [
      'for an offering of another kind',
      async (b) => ({ needId: await b.wanting(), body: { offeringId: b.market.offerings.helpers } }),
      { status: 409, code: 'not_an_option', reason: 'other_kind', barriers: [] },
    ],
    [
      'for an offering out of reach',
      async (b) => ({ needId: await b.wanting({ point: metersNorth(-4000) }), body: house(b) }),
      { status: 409, code: 'not_an_option', reason: 'out_of_reach', barriers: [{ kind: 'reach' }] },
    ],
    [
      'without consent to the location',
      async (b) => ({ needId: await b.wanting({ consents: [] }), body: house(b) }),
      { status: 409, code: 'not_an_option', reason: 'consent_missing' },
    ],
    [
      'with a program that does not pay for the tier',
      async (b) => ({ needId: await b.wanting(), body: { ...house(b), programId: b.market.programId } }),
      { status: 409, code: 'not_an_option', reason: 'program_unfit' },
    ],
    [
      'without enough in the wallet',
      async (b) => ({ needId: await b.wanting({ wallets: [] }), body: house(b) }),
      { status: 409, code: 'insufficient', reason: 'over_wallet' },
    ],
    [
      'with a fund that is used up, also of who could pay alone',
      async (b) => ({ needId: await b.wanting(), body: { ...house(b), programId: await b.fund(100) } }),
      { status: 409, code: 'insufficient', reason: 'fund_exhausted' },
    ],
    [
      'where there is no place',
      async (b) => ({ needId: await b.wanting(), body: { offeringId: await b.publish({ units: 0 }) } }),
      { status: 409, code: 'insufficient', reason: 'no_capacity' },
    ],
    [
      'for a need that was withdrawn',
      async (b) => {
        const needId = await b.wanting()
        const { partner } = b.market
        await withdrawNeed(b.market.as(partner), { needId, version: 1 })
        return { needId, body: house(b) }
      },
      { status: 409, code: 'state_conflict' },
    ],
    [
      'for a need that is served already',
      async (b) => {
        const needId = await b.wanting()
        await b.book(needId, { offeringId: await b.publish({ units: 1 }) })
        return { needId, body: house(b) }
      },
      { status: 409, code: 'state_conflict' },
    ],
    [
      'when the month is over',
      async (b) => {
        const needId = await b.wanting()
        b.market.world.clock.advance(40 * 86_400_000)
        return { needId, body: house(b) }
      },
      { status: 409, code: 'state_conflict' },
    ],
  ]

  it('for another partner’s need, and for odd bodies', async () => {
    const { market, send, wanting, everything } = bookings
    const needId = await wanting()
    const stranger = await inTransaction(market.world.context(SYSTEM), async (ctx) => {
      const organizationId = await organize(ctx, 'partner')
      const { id } = await createPrincipal(ctx, { organizationId, role: 'partner', name: 'Other' })
      return { principalId: id, organizationId, role: 'partner', areaId: null }
    })
    const before = await everything()
    const post = async (key: string, body: object) =>
      send(key, 'POST', `/v1/needs/${needId}/bookings`, {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    const foreign = await keyOf(market.world, stranger)
    expect((await post(foreign, house(bookings))).status).toBe(404)
    for (const body of [
      {},
      { offeringId: 'x' },
      { ...house(bookings), programId: 3 },
      { ...house(bookings), x: 1 },
    ]) {
      expect((await post(bookings.key, body)).status).toBe(422)
    }
    const after = await everything()
    expect({ ...after, entries: 0, events: 0 }).toEqual({ ...before, entries: 0, events: 0 })
  })

  it.each(cases)('%s', async (_, arrange, refusal) => {
    const { needId, body } = await arrange(bookings)
    const before = await bookings.everything()
    const answer = await bookings.book(needId, body, { 'idempotency-key': `refused ${needId}` })
    expect(answer.body).toMatchObject(refusal)
    expect(answer.status).toBe(answer.body.status)
    expect(await bookings.everything()).toEqual(before)
  })
})

describe('bid-price control', () => {
  it('keeps what the last run needs for others, and says what would be accepted', async () => {
    const { market, book, wanting, publish, account, everything, requireBalance } = await openBookings()
    try {
      const { club, house } = market.offerings
      await register(
        market,
        Array.from({ length: 8 }, () => person(market.areas.north)),
      )
      await propose(market)
      // A place becomes free after the run: the next run has better use for it.
      await setCapacity(market.as(market.providers.club), { offeringId: club, period: PERIOD, units: 2 })
      const [near, dear] = [await publish({ units: 1 }), await publish({ units: 1, price: 19_000 })]
      const needId = await wanting()
      const before = await everything()
      const outbid: Answer = await book(needId, { offeringId: club })
      expect(outbid.body).toMatchObject({ status: 409, code: 'outbid' })
      const { utility, bidPrice, accounts, accepted } = outbid.body
      expect(utility).toBeLessThan(bidPrice)
      const { id: accountId } = await account(club, 'capacity')
      expect(accounts).toEqual([{ accountId, kind: 'capacity', amount: 1, price: expect.any(Number) }])
      expect(accepted.map(({ offeringId }: { offeringId: string }) => offeringId)).toEqual([near, dear])
      expect([club, house]).not.toContain(accepted[0].offeringId)
      expect(await everything()).toEqual(before)
      for (const { offeringId, programId } of accepted) {
        const booked = await book(await wanting(), { offeringId, programId })
        expect(booked.status, booked.text).toBe(201)
      }
      await requireBalance()
    } finally {
      await market.world.close()
    }
  })
})
