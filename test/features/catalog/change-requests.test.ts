import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { approveChange, rejectChange } from '../../../src/features/catalog/decide-change.ts'
import { getOffering } from '../../../src/features/catalog/get-offering.ts'
import { getChangeRequest, listChangeRequests } from '../../../src/features/catalog/list-change-requests.ts'
import { proposeChange } from '../../../src/features/catalog/propose-change.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import type { ReviseOffering } from '../../../src/features/catalog/schemas.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import type { Context } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const CARE = {
  category: 'medical',
  term: 'nursing',
  tier: 'basic',
  mode: 'home',
  unit: 'visit',
  price: 100,
} as const
const reason = 'The price list at the door says otherwise'

describe.each(engines())('change requests on %s', (rung) => {
  let world: Neighborhood
  let offeringId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const { provider, areas } = world
    const location = await createLocation(provider, { name: 'S', address: '1 Main St', areaId: areas.north })
    offeringId = (await publishOffering(provider, { locationId: location.id, name: 'Nursing', ...CARE })).id
  })

  const propose = (changes: object, ctx: Context = world.partner) =>
    proposeChange(ctx, { offeringId, changes: changes as ReviseOffering, reason })
  const approve = (id: string, version = 1, ctx: Context = world.provider) =>
    approveChange(ctx, { id, version })
  const stateOf = async (id: string) => (await getChangeRequest(world.operator, id)).state
  const offeringNow = () => getOffering(world.partner, offeringId)

  it('come from everybody who can read the offering', async () => {
    const { provider, otherProvider, partner, purchaser, operator, context, areas } = world
    const finance = context({ role: 'purchaser.finance', areaId: areas.district })
    const supervisor = context({ role: 'supervisor', areaId: areas.north })
    for (const actor of [provider, partner, purchaser, finance, supervisor, operator]) {
      expect(await propose({ price: 120 }, actor)).toMatchObject({
        state: 'pending',
        version: 1,
        changes: { price: 120 },
        reason,
        proposedBy: actor.actor.organizationId,
        proposerRole: actor.actor.role,
      })
    }
    expect((await refusalOf(propose({ price: 120 }, otherProvider))).code).toBe('not_found')
    expect((await offeringNow()).version).toBe(1)
  })

  it('are applied by the provider’s yes, as its own edit would be', async () => {
    const { id } = await propose({ price: 120, languages: ['nan'] })
    expect(await approve(id)).toMatchObject({ state: 'approved', version: 2, decisionReason: null })
    expect(await offeringNow()).toMatchObject({ price: 120, languages: ['nan'], version: 2 })
    const told = await world.db.root.select().from(events).where(eq(events.objectId, offeringId))
    expect(told.map(({ type }) => type)).toContain('offering.revised')
    expect((await refusalOf(approve(id, 2))).code).toBe('state_conflict')
    expect((await offeringNow()).version).toBe(2)
  })

  it('are applied by the operator’s yes as well', async () => {
    const { id } = await propose({ price: 130 })
    await approve(id, 1, world.operator)
    expect((await offeringNow()).price).toBe(130)
  })

  it('are turned down with a reason, and change nothing', async () => {
    const { id } = await propose({ price: 1 })
    const said = 'That is last year’s list'
    expect(await rejectChange(world.provider, { id, version: 1, reason: said })).toMatchObject({
      state: 'rejected',
      decisionReason: said,
    })
    expect(await offeringNow()).toMatchObject({ price: 100, version: 1 })
    expect((await refusalOf(approve(id, 2))).code).toBe('state_conflict')
  })

  it('are superseded by an edit of the same field, and outlive one of another', async () => {
    const price = await propose({ price: 110 })
    const both = await propose({ price: 111, tier: 'inclusive' })
    const languages = await propose({ languages: ['zh'] })
    await reviseOffering(world.provider, { offeringId, version: 1, price: 120 })
    expect([await stateOf(price.id), await stateOf(both.id), await stateOf(languages.id)]).toEqual([
      'superseded',
      'superseded',
      'pending',
    ])
    expect((await refusalOf(approve(price.id, 2))).code).toBe('state_conflict')
    await approve(languages.id)
    expect(await offeringNow()).toMatchObject({ price: 120, languages: ['zh'], version: 3 })
  })

  it('are superseded by the approval of a rival, and by a withdrawal', async () => {
    const [first, rival, other] = [
      await propose({ price: 1 }),
      await propose({ price: 2 }),
      await propose({ tier: 'inclusive' }),
    ]
    await approve(first.id)
    expect([await stateOf(first.id), await stateOf(rival.id)]).toEqual(['approved', 'superseded'])
    await withdrawOffering(world.provider, { offeringId, version: 2 })
    expect(await stateOf(other.id)).toBe('superseded')
    expect((await refusalOf(propose({ price: 3 }))).code).toBe('state_conflict')
  })

  it('are judged by the rule of edits, when proposed and when approved', async () => {
    expect(await refusalOf(propose({ unit: 'day' }))).toMatchObject({
      code: 'invalid_input',
      pointers: ['/changes/unit'],
    })
    expect((await refusalOf(propose({ priceType: 'free' }))).pointers).toEqual(['/price'])
    expect((await refusalOf(propose({}))).pointers).toEqual(['/changes'])
    const { id } = await propose({ priceCeiling: 150 })
    await reviseOffering(world.provider, { offeringId, version: 1, price: 200 })
    expect(await refusalOf(approve(id))).toMatchObject({ code: 'invalid_input', pointers: ['/priceCeiling'] })
    expect(await stateOf(id)).toBe('pending')
  })

  it('are decided from the version that was seen, by whom they concern', async () => {
    const { id } = await propose({ price: 1 })
    const { provider, otherProvider, partner, purchaser } = world
    expect((await refusalOf(approve(id, 2, provider))).code).toBe('precondition_failed')
    expect((await refusalOf(approve(id, 1, otherProvider))).code).toBe('not_found')
    expect((await refusalOf(rejectChange(otherProvider, { id, version: 1, reason }))).code).toBe('not_found')
    for (const actor of [partner, purchaser])
      expect((await refusalOf(approve(id, 1, actor))).code).toBe('forbidden')
    expect(await stateOf(id)).toBe('pending')
  })

  it('are seen by those who proposed them, by the provider, and by those who look after the area', async () => {
    const { provider, otherProvider, partner, otherPartner, operator, context, areas } = world
    const { id } = await propose({ price: 1 }, partner)
    const sees = async (ctx: Context) => {
      const { items } = await listChangeRequests(ctx, { limit: 200, offeringId })
      const one = await getChangeRequest(ctx, id).then(
        () => true,
        () => false,
      )
      expect(items.some((item) => item.id === id)).toBe(one)
      return one
    }
    for (const ctx of [
      partner,
      provider,
      operator,
      context({ role: 'supervisor', areaId: areas.district }),
    ]) {
      expect(await sees(ctx)).toBe(true)
    }
    const stranger = context({
      role: 'purchaser.officer',
      areaId: areas.south,
      organizationId: otherPartner.actor.organizationId,
    })
    for (const ctx of [otherPartner, otherProvider, stranger]) expect(await sees(ctx)).toBe(false)
    expect((await refusalOf(getChangeRequest(otherPartner, id))).code).toBe('not_found')
    const { items } = await listChangeRequests(provider, { limit: 200, state: 'rejected', offeringId })
    expect(items).toEqual([])
  })

  it('let one of two decisions through', async () => {
    const { id } = await propose({ price: 5 })
    const outcomes = await Promise.allSettled([
      approve(id),
      rejectChange(world.operator, { id, version: 1, reason }),
      reviseOffering(world.provider, { offeringId, version: 1, price: 6 }),
    ])
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
    const [state, { price, version }] = [await stateOf(id), await offeringNow()]
    expect({ approved: 5, rejected: 6, superseded: 6 }[state as 'approved']).toBeDefined()
    if (state === 'approved') expect([price, version]).toEqual([5, 2])
    if (state === 'superseded') expect([price, version]).toEqual([6, 2])
  })
})
