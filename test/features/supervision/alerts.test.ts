import { and, eq } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { offeringAssurances, offerings } from '../../../src/features/catalog/tables.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { organizations } from '../../../src/features/identity/tables.ts'
import { matches } from '../../../src/features/matching/tables.ts'
import { deliveries } from '../../../src/features/referrals/tables.ts'
import type { AlertKind } from '../../../src/features/supervision/alert-schemas.ts'
import { judgeShares } from '../../../src/features/supervision/alerts/concentration.ts'
import { findAlerts } from '../../../src/features/supervision/find-alerts.ts'
import { listAlerts } from '../../../src/features/supervision/list-alerts.ts'
import { type Actor, inTransaction, type TransactionContext } from '../../../src/platform/context.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Marketplace, openMarketplace } from '../matching/marketplace.ts'
import { employ, organize, PERIOD } from '../referrals/proposed-run.ts'
import { insertDelivery, insertOffering, insertReferral } from './alert-rows.ts'

const MINUTE = 60_000

describe.each(engines())('alerts on %s', (rung) => {
  let market: Marketplace
  let supervisor: Actor
  beforeAll(async () => {
    market = await openMarketplace(rung)
    supervisor = await write(async (ctx) => employ(ctx, await organize(ctx, 'supervisor'), 'supervisor'))
  })
  afterAll(() => market.world.close())

  const write = <T>(work: (ctx: TransactionContext) => Promise<T>) => inTransaction(market.as(SYSTEM), work)
  const root = () => market.world.db.root
  const look = (kind: AlertKind, areaId: string | null = null, actor = supervisor) =>
    findAlerts(market.as(actor), { period: PERIOD, areaId, kind })
  /** A provider of its own, with an offering in the north. */
  const found = (more: { price?: number; term?: string; staffMinutesPerUnit?: number } = {}) =>
    write(async (ctx) => {
      const organizationId = await organize(ctx, 'provider')
      const offeringId = await insertOffering(ctx, { organizationId, areaId: market.areas.north, ...more })
      return { providerId: organizationId, offeringId }
    })
  const referred = (whose: { providerId: string; offeringId: string }, more = {}) => ({
    areaId: market.areas.north,
    partnerId: market.partner.organizationId,
    ...whose,
    ...more,
  })

  it('price_outlier: above three robust deviations and a quarter over the median, among five', async () => {
    for (const price of [100, 100, 110]) await found({ price, term: 'massage' })
    const last = await found({ price: 500, term: 'massage' })
    expect(await look('price_outlier')).toEqual([])
    await found({ price: 120, term: 'massage' })
    const ask = async (price: number) => {
      await root().update(offerings).set({ price }).where(eq(offerings.id, last.offeringId))
      return look('price_outlier')
    }
    // Median 110, median deviation 10: 110 + 3 × 14.826 = 154.478.
    expect(await ask(154)).toEqual([])
    expect(await ask(155)).toMatchObject([
      { subjectId: last.offeringId, figures: { price: 155, median: 110, peers: 5 }, weight: 3 },
    ])
    await ask(100)
    for (let n = 0; n < 4; n++) await found({ price: 1000, term: 'haircut' })
    const dear = await found({ price: 1249, term: 'haircut' })
    expect(await look('price_outlier')).toEqual([])
    await root().update(offerings).set({ price: 1250 }).where(eq(offerings.id, dear.offeringId))
    expect(await look('price_outlier')).toMatchObject([{ subjectId: dear.offeringId }])
  })

  it('concentration and self_dealing: from the subsidies of a program’s matches', async () => {
    const { programId, officer, providers, offerings: known } = market
    const pay = (name: 'house' | 'club', subsidy: number) =>
      write((ctx) =>
        insertReferral(
          ctx,
          referred(
            { providerId: providers[name].organizationId, offeringId: known[name] },
            { programId, subsidy },
          ),
        ),
      )
    for (const subsidy of [20, 20]) await pay('house', subsidy)
    await pay('house', 11)
    for (const subsidy of [20, 29]) await pay('club', subsidy)
    const house = providers.house.organizationId
    expect(await look('concentration')).toMatchObject([
      { subjectId: house, programId, figures: { share: 0.51, able: 3 }, subjectKind: 'organization' },
    ])
    expect(await look('concentration', market.areas.north)).toEqual([])
    const small = and(eq(matches.programId, programId), eq(matches.subsidy, 11))
    await root().update(matches).set({ subsidy: 9, price: 9 }).where(small)
    expect(await look('concentration')).toEqual([])

    expect(await look('self_dealing')).toEqual([])
    const beOneBody = (bodyId: string | null) =>
      root().update(organizations).set({ bodyId }).where(eq(organizations.id, house))
    await beOneBody(officer.organizationId)
    expect(await look('self_dealing')).toMatchObject([
      { subjectId: house, programId, figures: { matches: 3, subsidy: 49 }, weight: 5 },
    ])
    await beOneBody(null)
  })

  it('no_shows: a fifth of what ended, and five at least', async () => {
    const whose = await found()
    const end = (times: number, more: { status: 'completed' | 'failed'; statusReason?: string }) =>
      write(async (ctx) => {
        for (let n = 0; n < times; n++) await insertReferral(ctx, referred(whose, more))
      })
    await end(4, { status: 'failed', statusReason: 'no_show' })
    await end(3, { status: 'failed', statusReason: 'unsafe' })
    expect(await look('no_shows')).toEqual([])
    await end(1, { status: 'failed', statusReason: 'no_contact' })
    await end(17, { status: 'completed' })
    expect(await look('no_shows')).toMatchObject([
      { subjectId: whose.providerId, figures: { ended: 25, missed: 5, share: 0.2 } },
    ])
    await end(1, { status: 'completed' })
    expect(await look('no_shows')).toEqual([])
  })

  it('disputes_upheld: a tenth of the deliveries, and three at least', async () => {
    const whose = await found()
    const deliver = (times: number, state: 'recorded' | 'annulled') =>
      write(async (ctx) => {
        const referralId = await insertReferral(ctx, referred(whose))
        for (let n = 0; n < times; n++) await insertDelivery(ctx, referralId, { state })
      })
    await deliver(2, 'annulled')
    expect(await look('disputes_upheld')).toEqual([])
    await deliver(1, 'annulled')
    await deliver(27, 'recorded')
    expect(await look('disputes_upheld')).toMatchObject([
      { subjectId: whose.providerId, figures: { deliveries: 30, annulled: 3 } },
    ])
    await deliver(1, 'recorded')
    expect(await look('disputes_upheld')).toEqual([])
  })

  it('deliveries_too_fast: in less time than the staff minutes since the start or the one before', async () => {
    const whose = await found({ staffMinutesPerUnit: 30 })
    const start = market.world.clock.read().getTime()
    const at = (minutes: number) => new Date(start + minutes * MINUTE)
    const referralId = await write((ctx) => insertReferral(ctx, referred(whose)))
    const first = await write((ctx) => insertDelivery(ctx, referralId, { units: 2, deliveredAt: at(60) }))
    await write((ctx) => insertDelivery(ctx, referralId, { units: 1, deliveredAt: at(90) }))
    const move = (deliveredAt: Date, state: 'recorded' | 'annulled' = 'recorded') =>
      root().update(deliveries).set({ deliveredAt, state }).where(eq(deliveries.id, first))
    expect(await look('deliveries_too_fast')).toEqual([])
    await move(at(59))
    expect(await look('deliveries_too_fast')).toMatchObject([
      { subjectId: whose.offeringId, figures: { deliveries: 1, missingMinutes: 1 }, weight: 4 },
    ])
    await move(at(61))
    expect(await look('deliveries_too_fast')).toMatchObject([
      { figures: { deliveries: 1, missingMinutes: 1 } },
    ])
    await move(at(61), 'annulled')
    expect(await look('deliveries_too_fast')).toEqual([])
    expect(await look('deliveries_too_fast', market.areas.south)).toEqual([])
  })

  it('capacity_never_used: open for more than half of the month, and nothing of it taken', async () => {
    const { clock } = market.world
    const begun = clock.read().getTime()
    expect(await look('capacity_never_used')).toEqual([])
    clock.set('2026-12-16T20:00:00Z')
    expect(await look('capacity_never_used')).toEqual([])
    clock.advance(1)
    const all = await look('capacity_never_used')
    const { house, club, helpers } = market.offerings
    expect(all.map(({ subjectId }) => subjectId).toSorted()).toEqual([house, club, helpers].toSorted())
    const own = and(eq(accounts.kind, 'capacity'), eq(accounts.ownerId, house))
    await root().update(accounts).set({ held: 1 }).where(own)
    const rest = await look('capacity_never_used')
    expect(rest.map(({ subjectId }) => subjectId)).not.toContain(house)
    expect(begun).toBeLessThan(clock.read().getTime())
  })

  it('lapsed_assurance: from the instant on at which it lapses', async () => {
    const { clock } = market.world
    const { organizationId: assuredBy, principalId } = supervisor
    const lapsesAt = new Date(clock.read().getTime() + 1)
    const held = { assuredVersion: 1, assuredAt: clock.read(), lapsesAt }
    const said = { offeringId: market.offerings.club, what: 'License', assuredBy, principalId }
    await root()
      .insert(offeringAssurances)
      .values({ ...said, ...held })
    expect(await look('lapsed_assurance')).toEqual([])
    clock.advance(1)
    expect(await look('lapsed_assurance')).toMatchObject([{ subjectId: market.offerings.club }])
    expect(await look('lapsed_assurance', market.areas.south)).toEqual([])
    const elsewhere = { ...supervisor, areaId: market.areas.south }
    expect(await look('lapsed_assurance', null, elsewhere)).toEqual([])
    expect(await look('lapsed_assurance', market.areas.north, elsewhere)).toEqual([])
  })

  it('come page by page in one order, and say when a page’s place is gone', async () => {
    const all = await findAlerts(market.as(supervisor), { period: PERIOD, areaId: null, kind: null })
    expect(all.length).toBeGreaterThan(2)
    expect(all.map(({ weight }) => weight)).toEqual(all.map(({ weight }) => weight).toSorted((a, b) => b - a))
    const paged = []
    let cursor: string | undefined
    do {
      const page = await listAlerts(market.as(supervisor), { limit: 2, cursor, period: PERIOD })
      paged.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(paged).toEqual(all)
    const gone = listAlerts(market.as(supervisor), { limit: 2, cursor: market.areas.north })
    await expect(gone).rejects.toMatchObject({ code: 'invalid_input' })
    const other = { period: '2026-11', areaId: null, kind: null }
    expect(await findAlerts(market.as(supervisor), other)).not.toEqual(all)
  })
})

describe('the shares of a program', () => {
  const shares = (subsidies: number[], able: number) =>
    subsidies.map((subsidy, at) => ({ providerId: `provider-${at}`, subsidy, matches: 1, able }))

  it('are too concentrated above 2,500, where five could serve it', () => {
    const four = [25, 25, 25, 25, 0]
    expect(judgeShares('program', shares(four, 5))).toEqual([])
    const uneven = [26, 25, 25, 24, 0]
    expect(judgeShares('program', shares(uneven, 5))).toMatchObject([
      { subjectKind: 'program', figures: { hhi: 2502, able: 5 } },
    ])
    expect(judgeShares('program', shares([26, 25, 25, 24].concat(0), 4))).toHaveLength(1)
    const few = uneven.slice(0, 4).map((subsidy, at) => ({
      ...shares(uneven, 4)[at]!,
      subsidy,
      matches: 2,
    }))
    expect(judgeShares('program', few)).toEqual([])
  })

  it('give a majority to one at most, and nothing to say of fewer than five matches', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100 }), { minLength: 3, maxLength: 9 }), (subsidies) => {
        const raised = judgeShares('program', shares(subsidies, 3))
        const ofProviders = raised.filter(({ subjectKind }) => subjectKind === 'organization')
        const total = subsidies.reduce((sum, one) => sum + one, 0)
        const expected = subsidies.length >= 5 && subsidies.some((one) => 2 * one > total)
        expect(ofProviders).toHaveLength(expected ? 1 : 0)
      }),
    )
  })
})
