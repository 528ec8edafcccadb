/** Options at once: the same as a run's, as fresh as the database, and told whole. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../../src/features/catalog/publish-offering.ts'
import { reviseLocation } from '../../../../src/features/catalog/revise-location.ts'
import { reviseOffering } from '../../../../src/features/catalog/revise-offering.ts'
import { setCapacity } from '../../../../src/features/catalog/set-capacity.ts'
import { setStaffTime } from '../../../../src/features/catalog/set-staff-time.ts'
import { offerings } from '../../../../src/features/catalog/tables.ts'
import { withdrawOffering } from '../../../../src/features/catalog/withdraw-offering.ts'
import { SYSTEM } from '../../../../src/features/identity/permissions.ts'
import { findAmongAll, findOptions } from '../../../../src/features/matching/instant/find-options.ts'
import { listOptions } from '../../../../src/features/matching/instant/list-options.ts'
import { toNeedOptions } from '../../../../src/features/matching/instant/option-wire.ts'
import { NeedOptions } from '../../../../src/features/matching/instant/options-schemas.ts'
import { totalOf } from '../../../../src/features/matching/utility.ts'
import { DEFAULT_POLICY } from '../../../../src/features/policies/default-policy.ts'
import { installPolicy } from '../../../../src/features/policies/install-policy.ts'
import { subsidyCapOwner } from '../../../../src/features/programs/subsidy-cap.ts'
import { consents, needs } from '../../../../src/features/residents/tables.ts'
import { topUpWallet } from '../../../../src/features/residents/top-up-wallet.ts'
import { withdrawConsent } from '../../../../src/features/residents/withdraw-consent.ts'
import { inTransaction } from '../../../../src/platform/context.ts'
import { openAccount } from '../../../../src/platform/ledger/accounts.ts'
import { holdBundle } from '../../../../src/platform/ledger/post-transfers.ts'
import { engines } from '../../../support/test-world.ts'
import { PERIOD } from '../../referrals/proposed-run.ts'
import { type Marketplace, openMarketplace, person, populate, register, wants } from '../marketplace.ts'
import { metersNorth } from '../snapshots.ts'
import { batchOptions, essence } from './batch-options.ts'
import { openFund, publishRandom, registerRandom, serveBefore } from './random-town.ts'

const allNeeds = ({ world }: Marketplace) => world.db.root.select().from(needs).orderBy(needs.id)

describe.each(engines())('options of a random town on %s', (rung) => {
  let market: Marketplace
  let ids: string[]
  beforeAll(async () => {
    market = await openMarketplace(rung)
    await populate(market)
    await publishRandom(market, 5, 50)
    await registerRandom(market, 6, 30)
    await serveBefore(market)
    await drawCaps(market)
    ids = (await allNeeds(market)).filter(({ period }) => period === PERIOD).map(({ id }) => id)
  })
  afterAll(() => market.world.close())

  it('are those of a run: the same, worth the same, paid by the same, in the same order', async () => {
    const ctx = market.as(market.partner)
    const batch = await batchOptions(market)
    let [found, kept] = [0, 0]
    for (const id of ids) {
      const { options } = await findOptions(ctx, id)
      expect(options.map(essence)).toEqual(batch.get(id)!.options.map(essence))
      found += options.length
      kept += options.filter(({ parts }) => parts.continuity > 0).length
    }
    expect(found).toBeGreaterThan(3 * ids.length)
    expect(kept).toBeGreaterThan(0)
  })

  it('are the same where the accounts of all candidates are read, and inside a transaction', async () => {
    const ctx = market.as(market.partner)
    for (const id of ids.filter((_, at) => at % 3 === 0)) {
      const { options } = await findOptions(ctx, id)
      expect((await findAmongAll(ctx, id)).found.options).toEqual(options)
      const inside = await inTransaction(ctx, (tx) => findOptions(tx, id))
      expect(inside.options.map(essence)).toEqual(options.map(essence))
    }
  })

  it('are told with parts, costs and wallets that add up', async () => {
    const ctx = market.as(market.partner)
    for (const id of ids) {
      const listed = await listOptions(ctx, id, {})
      const { wallet } = listed.asking.resident
      const told = NeedOptions.parse(toNeedOptions(listed, ctx.actor, ctx.currency))
      for (const [at, { rank, score, cost, availability, eligibility }] of told.options.entries()) {
        expect(rank).toBe(at + 1)
        expect(totalOf(score!.parts)).toBe(score!.utility)
        const paid = cost.subsidies.reduce((sum, { amount }) => sum + amount, 0)
        expect(paid + cost.copayment).toBe(cost.price)
        expect(cost.wallet).toEqual(
          wallet && { before: wallet.available, after: wallet.available - cost.copayment },
        )
        expect(cost.copayment).toBeLessThanOrEqual(cost.wallet?.before ?? 0)
        expect(availability.unitsLeft).toBeGreaterThanOrEqual(listed.need.quantity)
        expect(eligibility.offering.verdict).toBe('pass')
        expect(eligibility.program?.verdict ?? 'pass').toBe('pass')
      }
    }
  })

  it('and what is excluded are all of the kind, each once', async () => {
    const ctx = market.as(market.partner)
    for (const id of ids) {
      const listed = await listOptions(ctx, id, { explain: 'excluded' })
      const { excluded } = NeedOptions.parse(toNeedOptions(listed, ctx.actor, ctx.currency))
      const { candidates } = await findAmongAll(ctx, id)
      const options = new Set(listed.options.map(({ offering }) => offering.id))
      const out = excluded!.offerings.map(({ offeringId }) => offeringId)
      expect(out.filter((one) => options.has(one))).toEqual([])
      expect(new Set(out).size).toBe(out.length)
      expect(out.length + options.size + excluded!.outranked).toBe(candidates.offerings.length)
      const counted = Object.values(excluded!.ruledOut).reduce((sum, count) => sum + count, 0)
      expect(counted).toBe(out.length + candidates.outOfSight)
      for (const { reason, barriers } of excluded!.offerings) expect(barriers[0]!.reason).toBe(reason)
    }
  })
})

/** As if some residents had drawn on the programs with caps before. */
async function drawCaps(market: Marketplace): Promise<void> {
  const ctx = market.as(market.officer)
  const residents = [...new Set((await allNeeds(market)).map(({ residentId }) => residentId))]
  await inTransaction(ctx, async (tx) => {
    for (const [at, residentId] of residents.entries()) {
      if (at % 2 === 0) continue
      const ownerId = subsidyCapOwner(market.programId, residentId)
      const name = { period: PERIOD, unit: 'TWD' } as const
      const cap = await openAccount(tx, { kind: 'subsidy_cap', ownerId, ...name }, 6000)
      const taker = await openAccount(tx, { kind: 'consumed', ownerId: market.programId, ...name }, 0)
      const use = { debitId: cap.id, creditId: taker.id, amount: 500 * (1 + (at % 10)) }
      await holdBundle(tx, { id: tx.newId(), uses: [use] })
    }
  })
}

describe.each(engines())('the very next question on %s', (rung) => {
  let market: Marketplace
  let needId: string
  let residentId: string
  beforeAll(async () => {
    market = await openMarketplace(rung)
    const { north } = market.areas
    const registered = await register(market, [person(north, { needs: [wants('day_care')] })])
    residentId = registered[0]!
    needId = (await allNeeds(market))[0]!.id
    await told()
  })
  afterAll(() => market.world.close())

  async function told(explain?: 'excluded') {
    const ctx = market.as(market.partner)
    return toNeedOptions(await listOptions(ctx, needId, { explain }), ctx.actor, ctx.currency)
  }
  const optionsOf = async (offeringId: string) =>
    (await told()).options.filter((option) => option.offeringId === offeringId)
  const versionOf = async (id: string) => {
    const [row] = await market.world.db.root.select().from(offerings).where(eq(offerings.id, id))
    return row!.version
  }

  it('sees another price', async () => {
    const { house } = market.offerings
    const ctx = market.as(market.providers.house)
    await reviseOffering(ctx, { offeringId: house, version: await versionOf(house), price: 9000 })
    const [alone] = (await optionsOf(house)).filter(({ programId }) => programId === null)
    expect(alone!.cost).toMatchObject({
      price: 9000,
      copayment: 9000,
      wallet: { before: 20_000, after: 11_000 },
    })
  })

  it('sees a wallet that was topped up', async () => {
    await topUpWallet(market.as(market.partner), { residentId, period: PERIOD, amount: 500 })
    expect((await told()).options[0]!.cost.wallet!.before).toBe(20_500)
  })

  it('sees a program that opens', async () => {
    const programId = await openFund(market, {
      areaId: market.areas.north,
      subsidyShare: 10_000,
      budget: 50_000,
    })
    const [option] = await optionsOf(market.offerings.house)
    expect(option!.cost).toMatchObject({
      price: 9000,
      copayment: 0,
      subsidies: [{ programId, name: 'Second fund', amount: 9000 }],
    })
  })

  it('sees units that are held, and says what is missing when the last one is', async () => {
    const { club } = market.offerings
    expect((await optionsOf(club))[0]!.availability).toMatchObject({ unitsLeft: 1, unitsOf: 1 })
    const { candidates } = await findAmongAll(market.as(market.partner), needId)
    const { accountId } = candidates.offerings.find(({ id }) => id === club)!.capacity
    await inTransaction(market.as(market.officer), async (tx) => {
      const name = { kind: 'consumed', ownerId: market.areas.north, period: PERIOD, unit: 'day' } as const
      const { id: creditId } = await openAccount(tx, name, 0)
      await holdBundle(tx, { id: tx.newId(), uses: [{ debitId: accountId, creditId, amount: 1 }] })
    })
    expect(await optionsOf(club)).toEqual([])
    const { excluded } = await told('excluded')
    expect(excluded!.offerings).toMatchObject([
      { offeringId: club, reason: 'no_capacity', barriers: [{ kind: 'capacity', by: 1 }] },
    ])
  })

  it('sees more units, and a provider that takes nobody', async () => {
    const { club } = market.offerings
    const ctx = market.as(market.providers.club)
    await setCapacity(ctx, { offeringId: club, period: PERIOD, units: 3 })
    expect((await optionsOf(club))[0]!.availability).toMatchObject({ unitsLeft: 2, unitsOf: 3 })
    await setCapacity(ctx, { offeringId: club, period: PERIOD, units: 3, status: 'no-capacity' })
    expect(await optionsOf(club)).toEqual([])
  })

  it('sees staff who have less time', async () => {
    const { house } = market.offerings
    expect((await optionsOf(house))[0]!.availability.staffMinutesLeft).toBe(120)
    await setStaffTime(market.as(market.providers.house), { period: PERIOD, minutes: 30 })
    expect(await optionsOf(house)).toEqual([])
    await setStaffTime(market.as(market.providers.house), { period: PERIOD, minutes: 60 })
    expect((await optionsOf(house))[0]!.availability.staffMinutesLeft).toBe(60)
  })

  it('sees a new offering and where its place is said to be next', async () => {
    const ctx = market.as(market.providers.club)
    const place = { name: 'Annex', address: 'Road 9', areaId: market.areas.north, point: metersNorth(100) }
    const location = await createLocation(ctx, place)
    const offered = { category: 'elderly_care', term: 'day_care', tier: 'basic', mode: 'onsite' } as const
    const { id } = await publishOffering(ctx, {
      ...offered,
      locationId: location.id,
      name: 'Annex',
      unit: 'day',
      price: 0,
      capacities: [{ period: PERIOD, units: 2 }],
    })
    const [option] = await optionsOf(id)
    expect(option).toMatchObject({ name: 'Annex', placeWithheld: false, programId: null })
    expect(option!.walkingMinutes).toBeCloseTo(1.8, 1)
    const { version } = location
    await reviseLocation(ctx, { locationId: location.id, version, visibility: 'confidential' })
    expect(await optionsOf(id)).toMatchObject([{ placeWithheld: true, walkingMinutes: null, score: null }])
    await reviseLocation(ctx, { locationId: location.id, version: version + 1, point: metersNorth(5000) })
    expect(await optionsOf(id)).toEqual([])
    const { excluded } = await told('excluded')
    expect(excluded!.offerings.find(({ offeringId }) => offeringId === id)).toMatchObject({
      reason: 'out_of_reach',
      placeWithheld: true,
      walkingMinutes: null,
      barriers: [{ kind: 'reach', by: null }],
    })
  })

  it('sees an offering that is withdrawn', async () => {
    const { house } = market.offerings
    expect(await optionsOf(house)).not.toEqual([])
    const ctx = market.as(market.providers.house)
    await withdrawOffering(ctx, { offeringId: house, version: await versionOf(house) })
    expect(await optionsOf(house)).toEqual([])
  })

  it('sees another policy', async () => {
    expect((await told()).options.every(({ bookable }) => bookable.reason === 'tier_not_bookable')).toBe(true)
    const document = { ...DEFAULT_POLICY.document, bookableTiers: ['basic'] as const }
    await installPolicy(market.as(SYSTEM), {
      ...DEFAULT_POLICY,
      document: { ...document, bookableTiers: ['basic'] },
    })
    await setCapacity(market.as(market.providers.club), {
      offeringId: market.offerings.club,
      period: PERIOD,
      units: 3,
    })
    const { options } = await told()
    expect(options.map(({ bookable }) => bookable)).toEqual(
      options.map(() => ({ allowed: true, reason: null })),
    )
    expect(options.length).toBeGreaterThan(0)
  })

  it('sees a consent that is withdrawn: then nothing is measured', async () => {
    const [consent] = await market.world.db.root
      .select()
      .from(consents)
      .where(eq(consents.residentId, residentId))
    await withdrawConsent(market.as(market.partner), consent!.id)
    const { options, excluded } = await told('excluded')
    expect(options).toEqual([])
    expect(excluded!.ruledOut).toEqual({ consent_missing: 2 })
  })

  it('is answered for a need of one’s own resident only', async () => {
    const stranger = { ...market.partner, organizationId: market.officer.organizationId }
    await expect(listOptions(market.as(stranger), needId)).rejects.toMatchObject({ code: 'not_found' })
    await expect(listOptions(market.as(market.officer), needId)).rejects.toMatchObject({ code: 'forbidden' })
  })
})
