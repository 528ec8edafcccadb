import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { answerPetition } from '../../../src/features/feedback/answer-petition.ts'
import { beginPetition } from '../../../src/features/feedback/begin-petition.ts'
import { getPetition, listPetitions } from '../../../src/features/feedback/list-petitions.ts'
import { signPetition, withdrawSignature } from '../../../src/features/feedback/sign-petition.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { registerNeed } from '../../../src/features/residents/register-need.ts'
import { registerResident } from '../../../src/features/residents/register-resident.ts'
import { withdrawNeed } from '../../../src/features/residents/withdraw-need.ts'
import type { Context } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'
const WORDS = 'My husband cannot leave the house.'

let world: Neighborhood
let grid: string
let count = 0
beforeAll(async () => {
  world = await openNeighborhood()
  await ensureDefaultPolicy(world.system)
  const wanted = { kind: 'grid', code: 'N-1', name: 'Lane', parentId: world.areas.north } as const
  grid = (await createArea(world.operator, wanted)).id
})
afterAll(() => world.close())

/** Somebody with a need for what nobody offers. */
async function someone(partner: Context, term: string, areaId = grid) {
  const reference = `person-${++count}`
  const point = { latitude: 25.033, longitude: 121.543 }
  const { id: residentId } = await registerResident(partner, { reference, areaId, point })
  const wanted = { period: '2026-12', category: 'life_care', term, tier: 'basic', quantity: 1 } as const
  const { id: needId } = await registerNeed(partner, { residentId, ...wanted })
  return { residentId, needId }
}

const toldOf = (petitionId: string) =>
  world.db.root.select().from(events).where(eq(events.objectId, petitionId)).orderBy(events.position)

describe('a petition', () => {
  it('tells the community, never the lane or the person', async () => {
    const { needId, residentId } = await someone(world.partner, 'stair_lift')
    const petition = await beginPetition(world.partner, { needId, text: WORDS })
    expect(petition).toMatchObject({
      areaId: world.areas.north,
      category: 'life_care',
      term: 'stair_lift',
      tier: 'basic',
      text: WORDS,
      state: 'open',
      signatures: 1,
      answers: [],
    })
    expect(JSON.stringify(petition)).not.toContain(residentId)
    expect(JSON.stringify(petition)).not.toContain(world.partner.actor.organizationId)
    for (const reader of [world.provider, world.purchaser, world.otherPartner, world.operator]) {
      expect(await getPetition(reader, petition.id)).toEqual(petition)
    }
    expect(JSON.stringify(await toldOf(petition.id))).not.toMatch(/stair_lift|husband/)
  })

  it('is begun once a need, and once a community while it is open', async () => {
    const first = await someone(world.partner, 'ramp')
    const { id: existingId } = await beginPetition(world.partner, { needId: first.needId })
    const again = await refusalOf(beginPetition(world.partner, { needId: first.needId }))
    expect(again).toMatchObject({ code: 'duplicate', facts: { existingId } })
    const neighbor = await someone(world.otherPartner, 'ramp', world.areas.north)
    const same = await refusalOf(beginPetition(world.otherPartner, { needId: neighbor.needId }))
    expect(same).toMatchObject({ code: 'duplicate', facts: { existingId } })
    const elsewhere = await someone(world.otherPartner, 'ramp', world.areas.south)
    expect((await beginPetition(world.otherPartner, { needId: elsewhere.needId })).id).not.toBe(existingId)
    await answerPetition(world.provider, { petitionId: existingId, text: 'Not this year.' })
    const anew = await beginPetition(world.otherPartner, { needId: neighbor.needId })
    expect(anew).toMatchObject({ state: 'open', answers: [] })
  })

  it('is for needs that wait, of one’s own residents', async () => {
    const { needId } = await someone(world.partner, 'wig')
    expect(await refusalOf(beginPetition(world.otherPartner, { needId }))).toMatchObject({
      code: 'not_found',
    })
    expect(await refusalOf(beginPetition(world.provider, { needId }))).toMatchObject({ code: 'forbidden' })
    await withdrawNeed(world.partner, { needId, version: 1 })
    const refusal = await refusalOf(beginPetition(world.partner, { needId }))
    expect(refusal).toMatchObject({ code: 'state_conflict' })
    const flawed = beginPetition(world.partner, { needId, text: 'a\0b' })
    expect(await refusalOf(flawed)).toMatchObject({ code: 'invalid_input', pointers: ['/text'] })
  })

  it('is not for what somebody offers, as long as there is room', async () => {
    const { needId } = await someone(world.partner, 'phone_call')
    const { id: locationId } = await createLocation(world.provider, { name: 'House', address: 'Road 1' })
    const { id: offeringId } = await publishOffering(world.provider, {
      locationId,
      name: 'A call a day',
      category: 'life_care',
      term: 'phone_call',
      tier: 'basic',
      mode: 'remote',
      unit: 'visit',
      price: 0,
      capacities: [{ period: '2026-12', units: 1 }],
    })
    const begin = () => beginPetition(world.partner, { needId })
    expect(await refusalOf(begin())).toMatchObject({ code: 'state_conflict', facts: { options: 1 } })
    await setCapacity(world.provider, { offeringId, period: '2026-12', units: 0 })
    expect(await begin()).toMatchObject({ state: 'open' })
  })

  it('is signed by residents of any partner, each once, until they take it back', async () => {
    const { needId, residentId } = await someone(world.partner, 'piano')
    const { id: petitionId } = await beginPetition(world.partner, { needId })
    const other = await someone(world.otherPartner, 'reading')
    const sign = (partner: Context) => signPetition(partner, { petitionId, residentId: other.residentId })
    expect(await refusalOf(sign(world.partner))).toMatchObject({ code: 'not_found' })
    expect(await sign(world.otherPartner)).toMatchObject({ signatures: 2 })
    expect(await refusalOf(sign(world.otherPartner))).toMatchObject({ code: 'duplicate' })
    const unknown = signPetition(world.partner, { petitionId: UNKNOWN, residentId })
    expect(await refusalOf(unknown)).toMatchObject({ code: 'not_found' })
    const withdraw = (partner: Context, who: string) =>
      withdrawSignature(partner, { petitionId, residentId: who })
    expect(await refusalOf(withdraw(world.partner, other.residentId))).toMatchObject({ code: 'not_found' })
    expect(await withdraw(world.otherPartner, other.residentId)).toMatchObject({ signatures: 1 })
    const twice = withdraw(world.otherPartner, other.residentId)
    expect(await refusalOf(twice)).toMatchObject({ code: 'not_found' })
    expect(await withdraw(world.partner, residentId)).toMatchObject({ signatures: 0 })
  })

  it('is answered by providers and purchasers, and everybody behind it is told', async () => {
    const { needId } = await someone(world.partner, 'opera')
    const { id: petitionId, version } = await beginPetition(world.partner, { needId })
    const other = await someone(world.otherPartner, 'reading')
    await signPetition(world.otherPartner, { petitionId, residentId: other.residentId })
    const text = 'A bus leaves on Fridays.'
    const answered = await answerPetition(world.provider, { petitionId, text })
    expect(answered).toMatchObject({
      state: 'answered',
      answers: [
        { organizationId: world.provider.actor.organizationId, organizationName: 'Care House', text },
      ],
    })
    expect(answered.version).toBeGreaterThan(version)
    const said = (await toldOf(petitionId)).at(-1)!
    expect(said.type).toBe('petition.answered')
    const partners = [world.partner, world.otherPartner, world.provider]
    expect(new Set(said.audience)).toEqual(new Set(partners.map(({ actor }) => actor.organizationId)))
    const beyond = world.context({ ...world.purchaser.actor, areaId: world.areas.south })
    expect(await refusalOf(answerPetition(beyond, { petitionId, text }))).toMatchObject({ code: 'forbidden' })
    const within = world.context({ ...world.purchaser.actor, areaId: world.areas.district })
    expect((await answerPetition(within, { petitionId, text: 'We pay for it.' })).answers).toHaveLength(2)
    expect(await refusalOf(answerPetition(world.partner, { petitionId, text }))).toMatchObject({
      code: 'forbidden',
    })
  })

  it('is found by area, kind and state', async () => {
    const { needId } = await someone(world.partner, 'sauna', world.areas.south)
    await beginPetition(world.partner, { needId })
    const terms = async (more: object) =>
      (await listPetitions(world.provider, { limit: 50, ...more })).items.map(({ term }) => term)
    expect(await terms({ areaId: world.areas.district })).toContain('sauna')
    expect(await terms({ areaId: world.areas.north })).not.toContain('sauna')
    expect(await terms({ term: 'sauna' })).toEqual(['sauna'])
    expect(await terms({ term: 'sauna', category: 'medical' })).toEqual([])
    expect(await terms({ term: 'sauna', state: 'answered' })).toEqual([])
    const { items: all } = await listPetitions(world.provider, { limit: 50 })
    expect(await terms({ cursor: all.at(-1)!.id })).toEqual([])
    const { items, nextCursor } = await listPetitions(world.provider, { limit: 1 })
    expect(nextCursor).toBe(items[0]!.id)
  })
})
