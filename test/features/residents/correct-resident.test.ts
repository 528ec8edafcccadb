/** Facts of residents corrected, and the area found from the point. */
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createArea } from '../../../src/features/communities/create-area.ts'
import { correctResident } from '../../../src/features/residents/correct-resident.ts'
import { giveConsent } from '../../../src/features/residents/give-consent.ts'
import { getResident } from '../../../src/features/residents/list-residents.ts'
import { registerResident } from '../../../src/features/residents/register-resident.ts'
import type { RegisterResident } from '../../../src/features/residents/schemas.ts'
import { createReferenceSeal } from '../../../src/features/residents/sealed-reference.ts'
import { auditEntries } from '../../../src/platform/audit/tables.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'
import { CORNERS, outline } from './outlines.ts'

const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'
const IN_NORTH = { latitude: 25.0351, longitude: 121.5451 }
const IN_SOUTH = { latitude: 25.0151, longitude: 121.5451 }
const IN_GRID = { latitude: 25.0301, longitude: 121.5401 }
/** In the north; rounded to three decimals it lies beyond the border. */
const AT_THE_BORDER = { latitude: 25.0351, longitude: 121.54958 }
const NOWHERE = { latitude: 10, longitude: 10 }

describe.each(engines())('facts of residents on %s', (rung) => {
  let world: Neighborhood
  let grid: string
  let count = 0
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    const { areas, operator } = world
    grid = (await createArea(operator, { kind: 'grid', code: 'G', name: 'Grid', parentId: areas.north })).id
    await outline(world, areas.north, CORNERS.north)
    await outline(world, areas.south, CORNERS.south)
    await outline(world, grid, CORNERS.grid)
  })
  afterAll(() => world.close())

  const register = (more: Partial<RegisterResident> = {}) =>
    registerResident(world.partner, { reference: `person-${++count}`, point: IN_NORTH, ...more })
  type Corrections = Omit<Parameters<typeof correctResident>[1], 'residentId' | 'version'>
  const correct = (residentId: string, corrections: Corrections, version = 1) =>
    correctResident(world.partner, { residentId, version, ...corrections })

  it('place whoever names no area in the smallest one around the exact point', async () => {
    const { areas } = world
    expect((await register()).areaId).toBe(areas.north)
    expect((await register({ point: IN_GRID })).areaId).toBe(grid)
    const border = await register({ point: AT_THE_BORDER })
    expect(border).toMatchObject({ areaId: areas.north, longitude: 121.55 })
    expect((await register({ point: IN_NORTH, areaId: areas.south })).areaId).toBe(areas.south)
    const lost = await refusalOf(register({ point: NOWHERE }))
    expect(lost).toMatchObject({ code: 'invalid_input', pointers: ['/areaId'] })
  })

  it('are corrected one by one, what is not named stays', async () => {
    const assessments = [{ scheme: 'cms', level: 4, validUntil: null }]
    const before = await register({ birthYear: 1948, mobility: 'slow', assessments, languages: ['zh'] })
    const first = await correct(before.id, { birthYear: 1949, mobility: null })
    expect(first).toEqual({ ...before, birthYear: 1949, mobility: null, version: 2 })
    const facts = { incomeClass: 'low', livesAlone: true, assessments: [], languages: ['nan', 'zh'] } as const
    const corrected = { ...facts, assessments: [], languages: [...facts.languages] }
    const second = await correct(before.id, corrected, 2)
    expect(second).toEqual({ ...first, ...corrected, version: 3 })
    expect(await getResident(world.partner, before.id)).toEqual(second)
  })

  it('move with the home, whose point is rounded, and tell nobody where', async () => {
    const { partner, areas } = world
    const { id } = await register()
    expect(await correct(id, { point: IN_SOUTH })).toMatchObject({
      areaId: areas.south,
      latitude: 25.015,
      longitude: 121.545,
    })
    expect(await correct(id, { point: NOWHERE, areaId: areas.north }, 2)).toMatchObject({
      areaId: areas.north,
      latitude: 10,
    })
    expect(await correct(id, { areaId: grid }, 3)).toMatchObject({ areaId: grid, latitude: 10 })
    const { root } = partner.db
    const told = await root.select().from(events).where(eq(events.objectId, id))
    expect(told.map(({ type, audience, data }) => ({ type, audience, data })).slice(1, 2)).toEqual([
      { type: 'resident.corrected', audience: [partner.actor.organizationId], data: { version: 2 } },
    ])
    const logged = await root.select().from(auditEntries).where(eq(auditEntries.objectId, id))
    expect(logged.map(({ action, facts }) => [action, facts])).toEqual([
      ['resident.register', {}],
      ...[2, 3, 4].map((version) => ['resident.correct', { version }]),
    ])
  })

  it('take a new reference, unless another resident has it', async () => {
    const { partner } = world
    const [one, other] = [await register({ reference: 'Lin' }), await register({ reference: 'Chen' })]
    expect(await refusalOf(correct(one.id, { reference: 'Chen' }))).toMatchObject({
      code: 'duplicate',
      facts: { existingId: other.id },
    })
    await correct(one.id, { reference: 'Lin' })
    const renamed = await correct(one.id, { reference: 'Lin the elder' }, 2)
    const seal = createReferenceSeal(partner.encryptionKey)
    expect(seal.open(one.id, renamed.referenceSealed)).toBe('Lin the elder')
    await correct(other.id, { reference: 'Lin' })
  })

  it('point at every flaw, and stay as they were', async () => {
    const row = await register()
    const flaws: [object, string][] = [
      [{}, ''],
      [{ birthYear: 1800 }, '/birthYear'],
      [{ birthYear: 2027 }, '/birthYear'],
      [{ birthYear: 1948.5 }, '/birthYear'],
      [{ reference: 'a\0b' }, '/reference'],
      [{ reference: '\ud800' }, '/reference'],
      [{ reference: ' ' }, '/reference'],
      [{ mobility: 'flying' }, '/mobility'],
      [{ incomeClass: 'rich' }, '/incomeClass'],
      [{ livesAlone: 'yes' }, '/livesAlone'],
      [{ assessments: [{ scheme: 'cms', level: 9 }] }, '/assessments/0/level'],
      [{ assessments: [{ scheme: 'cms', level: 1, validUntil: '2026-02-30' }] }, '/assessments/0/validUntil'],
      [{ point: { latitude: 91, longitude: 0 } }, '/point/latitude'],
      [{ point: { latitude: 0, longitude: -181 } }, '/point/longitude'],
      [{ point: NOWHERE }, '/areaId'],
      [{ areaId: UNKNOWN }, '/areaId'],
      [{ areaId: null }, '/areaId'],
      [{ livesAlone: true, income: 20_000 }, '/income'],
    ]
    for (const [flaw, pointer] of flaws) {
      const refusal = await refusalOf(correct(row.id, flaw))
      expect(refusal, pointer).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
    const stale = await refusalOf(correct(row.id, { birthYear: 1950 }, 2))
    expect(stale.code).toBe('precondition_failed')
    expect(await getResident(world.partner, row.id)).toEqual(row)
  })

  it('are out of reach for other partners, and not for other roles', async () => {
    const { id: residentId } = await register()
    const wanted = { residentId, version: 1, birthYear: 1950 }
    expect((await refusalOf(correctResident(world.otherPartner, wanted))).code).toBe('not_found')
    expect((await refusalOf(correctResident(world.provider, wanted))).code).toBe('forbidden')
  })

  it('are shared with one organization, if there is such a one', async () => {
    const { partner, provider } = world
    const { id: residentId } = await register()
    const consent = { residentId, purpose: 'referral', facts: ['location'] } as const
    const facts = [...consent.facts]
    const { organizationId: recipientId } = provider.actor
    expect(await giveConsent(partner, { ...consent, facts, recipientId })).toMatchObject({ recipientId })
    const own = { ...consent, facts, recipientId: partner.actor.organizationId }
    expect(await giveConsent(partner, own)).toMatchObject({ recipientId: own.recipientId })
    expect(await refusalOf(giveConsent(partner, { ...consent, facts, recipientId: UNKNOWN }))).toMatchObject({
      code: 'invalid_input',
      pointers: ['/recipientId'],
    })
    const first = { purpose: 'referral' as const, facts, recipientId: UNKNOWN }
    expect(await refusalOf(register({ consent: first }))).toMatchObject({
      pointers: ['/consent/recipientId'],
    })
  })
})
