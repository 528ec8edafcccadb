import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { offeringAssurances } from '../../../src/features/catalog/tables.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { organizations } from '../../../src/features/identity/tables.ts'
import { concludeInspection } from '../../../src/features/supervision/conclude-inspection.ts'
import { drawInspections } from '../../../src/features/supervision/draw-inspections.ts'
import { getInspectionPlan, listInspections } from '../../../src/features/supervision/list-inspections.ts'
import { beginInspection, planInspections } from '../../../src/features/supervision/plan-inspections.ts'
import { inspections } from '../../../src/features/supervision/tables.ts'
import { type Actor, inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { type Marketplace, openMarketplace } from '../matching/marketplace.ts'
import { employ, organize, PERIOD } from '../referrals/proposed-run.ts'

describe.each(engines())('inspections on %s', (rung) => {
  let market: Marketplace
  let supervisor: Actor
  let north: Actor
  beforeAll(async () => {
    market = await openMarketplace(rung)
    const { house } = market.offerings
    await inTransaction(market.as(SYSTEM), async (ctx) => {
      supervisor = await employ(ctx, await organize(ctx, 'supervisor'), 'supervisor')
      north = {
        ...(await employ(ctx, await organize(ctx, 'supervisor'), 'supervisor')),
        areaId: market.areas.north,
      }
      const { organizationId: assuredBy, principalId } = supervisor
      const before = new Date(ctx.clock().getTime() - 1)
      const held = { assuredVersion: 1, assuredAt: before, lapsesAt: before }
      const said = { offeringId: house, what: 'License', assuredBy, principalId }
      await ctx.tx.insert(offeringAssurances).values({ ...said, ...held })
    })
  })
  afterAll(() => market.world.close())

  const plan = (actor: Actor, more = {}) =>
    planInspections(market.as(actor), {
      areaId: market.areas.district,
      period: PERIOD,
      byRisk: 1,
      byLot: 1,
      seed: 11,
      ...more,
    })

  it('are drawn by risk and by lot, and from what is stored they are drawn again', async () => {
    const { offerings } = market
    const { id } = await plan(supervisor)
    const stored = await getInspectionPlan(market.as(supervisor), id)
    expect(stored.frame.map(({ offeringId }) => offeringId)).toEqual(Object.values(offerings).toSorted())
    expect(stored.population).toBe(3)
    const drawn = stored.inspections.map(({ offeringId, risk, draw }) => ({ offeringId, risk, draw }))
    const again = drawInspections(stored.frame, stored)
    const byOffering = (one: { offeringId: string }, other: { offeringId: string }) =>
      one.offeringId < other.offeringId ? -1 : 1
    expect(drawn.toSorted(byOffering)).toEqual(again.toSorted(byOffering))
    expect(again[0]).toEqual({ offeringId: offerings.house, risk: 2, draw: 'risk' })
    const otherSeeds = new Set<string>()
    for (let seed = 0; seed < 10; seed++) {
      otherSeeds.add(drawInspections(stored.frame, { ...stored, seed })[1]!.offeringId)
    }
    expect(otherSeeds.size).toBe(2)
  })

  it('are drawn in the supervisor’s area alone', async () => {
    const { areas } = market
    await expect(plan(north)).rejects.toMatchObject({ code: 'invalid_input' })
    const own = await plan(north, { areaId: areas.north, byLot: 50 })
    expect(own.frame.map(({ offeringId }) => offeringId)).toContain(market.offerings.house)
    const south = { ...north, areaId: areas.south }
    await expect(getInspectionPlan(market.as(south), own.id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await listInspections(market.as(south), { limit: 50 })).items).toEqual([])
    const chosen = beginInspection(market.as(south), { offeringId: market.offerings.house })
    await expect(chosen).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are concluded once, by the body whose they are, with the duty', async () => {
    const offeringId = market.offerings.club
    const { id, risk, draw } = await beginInspection(market.as(supervisor), { offeringId })
    expect([risk, draw]).toEqual([0, 'chosen'])
    const conclude = (actor: Actor, expectedVersion: number) =>
      concludeInspection(market.as(actor), { id, expectedVersion, state: 'failed', note: 'No staff' })
    await expect(conclude(north, 1)).rejects.toMatchObject({ code: 'not_found' })
    await expect(conclude(market.officer, 1)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await conclude(supervisor, 1)).toMatchObject({ state: 'failed', version: 2 })
    await expect(conclude(supervisor, 2)).rejects.toMatchObject({ code: 'state_conflict' })
    const forged = market.world.db.root
      .update(inspections)
      .set({ inspectedBy: north.principalId })
      .where(eq(inspections.id, id))
    await expect(forged).rejects.toThrow()
  })

  it('are not for the provider’s own body', async () => {
    const offeringId = market.offerings.helpers
    const inspector = await inTransaction(market.as(SYSTEM), async (ctx) => {
      const id = await organize(ctx, 'supervisor')
      const bodyId = market.providers.helpers.organizationId
      await ctx.tx.update(organizations).set({ bodyId }).where(eq(organizations.id, id))
      return employ(ctx, id, 'supervisor')
    })
    const { id } = await beginInspection(market.as(inspector), { offeringId })
    const own = { id, expectedVersion: 1, state: 'passed', note: 'Fine' } as const
    await expect(concludeInspection(market.as(inspector), own)).rejects.toMatchObject({
      code: 'duty_conflict',
    })
  })
})
