import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { getOffering } from '../../../src/features/catalog/get-offering.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import type { PublishOffering, ReviseOffering } from '../../../src/features/catalog/schemas.ts'
import { toOffering } from '../../../src/features/catalog/wire-rows.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const DAY_CARE = {
  name: 'Day care',
  category: 'elderly_care',
  term: 'day_care',
  tier: 'inclusive',
  mode: 'onsite',
  unit: 'day',
  price: 92_000,
} as const satisfies Partial<PublishOffering>

const WEEKDAY = { day: 'MO', opens: '09:00', closes: '17:00' } as const
const UNKNOWN = '00000000-0000-7000-8000-0000000000ff'

describe.each(engines())('editing offerings on %s', (rung) => {
  let world: Neighborhood
  let locationId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    const place = { name: 'Station', address: '1 Main St', areaId: world.areas.north }
    locationId = (await createLocation(world.provider, place)).id
  })
  afterAll(() => world.close())

  const publish = (more: Partial<PublishOffering> = {}) =>
    publishOffering(world.provider, { locationId, ...DAY_CARE, ...more })
  const revise = (offeringId: string, version: number, patch: object) =>
    reviseOffering(world.provider, { ...(patch as ReviseOffering), offeringId, version })
  const eventsOf = async (objectId: string) => {
    const rows = await world.db.root.select().from(events).where(eq(events.objectId, objectId))
    return rows.sort((one, other) => one.position - other.position).map(({ type, data }) => ({ type, data }))
  }

  it('takes what an offering was published with before as it did', async () => {
    expect(await publish()).toMatchObject({
      priceType: 'per_unit',
      priceCeiling: null,
      priceOptions: [],
      caregiverGenders: [],
      hours: null,
      assurance: null,
    })
    expect(await publish({ price: 0 })).toMatchObject({ priceType: 'free' })
  })

  it('keeps prices that fit together', async () => {
    const options = [
      {
        name: 'Low income',
        price: 9_200,
        eligibility: { fact: 'incomeClass' as const, op: 'eq' as const, value: 'low' },
      },
      { name: 'Regular', price: 92_000 },
    ]
    const sliding = { priceType: 'sliding', priceCeiling: 100_000, priceOptions: options } as const
    const { priceOptions } = await publish(sliding)
    expect(priceOptions).toEqual([options[0], { ...options[1], eligibility: null }])
    const flaws: [Partial<PublishOffering>, string][] = [
      [{ priceType: 'free' }, '/price'],
      [{ price: 0, priceType: 'free', priceOptions: options }, '/priceOptions'],
      [{ priceCeiling: 91_999 }, '/priceCeiling'],
      [{ ...sliding, price: 10, priceCeiling: 50_000 }, '/priceOptions/1/price'],
      [{ priceOptions: [options[0]!, options[0]!] }, '/priceOptions'],
      [{ priceCeiling: 1.5 }, '/priceCeiling'],
    ]
    for (const [flaw, pointer] of flaws) {
      expect(await refusalOf(publish(flaw))).toMatchObject({ code: 'invalid_input', pointers: [pointer] })
    }
  })

  it('keeps hours in the deployment’s time zone, or their own, and says them as recurrences', async () => {
    const here = await publish({ hours: { weekly: [WEEKDAY] } })
    expect(here.hours).toEqual({ timeZone: world.provider.timeZone, weekly: [WEEKDAY], exceptions: [] })
    const taipei = { ...world.provider, timeZone: 'Asia/Taipei' }
    const there = await publishOffering(taipei, { locationId, ...DAY_CARE, hours: { weekly: [WEEKDAY] } })
    expect(toOffering(there)).toMatchObject({
      hours: { timeZone: 'Asia/Taipei' },
      recurrences: [
        {
          opens: '09:00',
          closes: '17:00',
          rule: 'DTSTART;TZID=Asia/Taipei:20261207T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO',
        },
      ],
    })
    const abroad = await publish({ hours: { timeZone: 'Europe/Paris', weekly: [] } })
    expect(abroad.hours?.timeZone).toBe('Europe/Paris')
    const overnight = { weekly: [{ ...WEEKDAY, opens: '22:00', closes: '06:00' }] }
    expect((await refusalOf(publish({ hours: overnight }))).pointers).toEqual(['/hours/weekly/0/closes'])
  })

  it('says its rule in three languages', async () => {
    const offering = await publish({ eligibility: { fact: 'age', op: 'gte', value: 64.5 } })
    expect(toOffering(offering).eligibilitySentences).toEqual({
      en: 'Age is at least 64.5.',
      'zh-Hant': '年齡至少64.5。',
      'zh-Hans': '年龄至少64.5。',
    })
  })

  it('merges a patch: what is named changes, null takes away, the rest stays', async () => {
    const rule = { fact: 'age', op: 'gte', value: 65 } as const
    const before = await publish({
      eligibility: { all: [rule] },
      languages: ['zh', 'nan'],
      priceCeiling: 99_000,
      hours: { weekly: [WEEKDAY], exceptions: [{ date: '2026-12-25', intervals: [] }] },
    })
    const after = await revise(before.id, 1, {
      price: 80_000,
      priceCeiling: null,
      languages: null,
      eligibility: { any: [rule] },
      hours: { exceptions: null },
    })
    expect(after).toEqual({
      ...before,
      price: 80_000,
      priceCeiling: null,
      languages: [],
      eligibility: { any: [rule] },
      hours: { ...before.hours, exceptions: [] },
      version: 2,
    })
    expect((await eventsOf(before.id)).at(-1)).toEqual({
      type: 'offering.revised',
      data: { fields: ['price', 'priceCeiling', 'eligibility', 'languages', 'hours'], version: 2 },
    })
    expect(await revise(before.id, 2, { hours: null })).toMatchObject({ hours: null, version: 3 })
  })

  it('moves to another service when its name changes, and leaves the others of the old one', async () => {
    const one = await publish({ name: 'Old name' })
    const other = await publish({ name: 'Old name', mode: 'home' })
    const renamed = await revise(one.id, 1, { name: 'New name' })
    expect(renamed.name).toBe('New name')
    expect(renamed.serviceId).not.toBe(one.serviceId)
    expect(await getOffering(world.provider, other.id)).toMatchObject({ name: 'Old name', version: 1 })
  })

  it('is free no more at a price', async () => {
    const { id } = await publish({ price: 0 })
    expect(await revise(id, 1, { price: 100 })).toMatchObject({ priceType: 'per_unit', price: 100 })
  })

  it('judges the offering as it would be', async () => {
    const { id } = await publish({ priceCeiling: 100_000 })
    const flaws: [object, string][] = [
      [{ price: 100_001 }, '/priceCeiling'],
      [{ priceType: 'free' }, '/price'],
      [{ tier: null }, '/tier'],
      [{ unit: 'hour' }, '/unit'],
      [{ term: 'meal' }, '/term'],
      [{ hours: { weekly: [{ day: 'MO', opens: '09:00' }] } }, '/hours/weekly/0/closes'],
      [{ serviceAreaIds: [UNKNOWN] }, '/serviceAreaIds/0'],
      [{}, ''],
    ]
    for (const [flaw, pointer] of flaws) {
      expect(await refusalOf(revise(id, 1, flaw))).toMatchObject({
        code: 'invalid_input',
        pointers: [pointer],
      })
    }
    expect(await getOffering(world.provider, id)).toMatchObject({ version: 1, price: 92_000 })
  })

  it('edits the version that was seen, of an own offering that is not withdrawn', async () => {
    const { id } = await publish()
    const price = { price: 1 }
    expect((await refusalOf(revise(id, 2, price))).code).toBe('precondition_failed')
    const foreign = reviseOffering(world.otherProvider, { ...price, offeringId: id, version: 1 })
    expect((await refusalOf(foreign)).code).toBe('not_found')
    for (const actor of [world.partner, world.purchaser, world.operator]) {
      const attempt = reviseOffering(actor, { ...price, offeringId: id, version: 1 })
      expect((await refusalOf(attempt)).code).toBe('forbidden')
    }
    await withdrawOffering(world.provider, { offeringId: id, version: 1 })
    expect((await refusalOf(revise(id, 2, price))).code).toBe('state_conflict')
  })

  it('lets one of two edits of a version through', async () => {
    const { id } = await publish()
    const outcomes = await Promise.allSettled([revise(id, 1, { price: 1 }), revise(id, 1, { price: 2 })])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await getOffering(world.provider, id)).version).toBe(2)
  })

  it('tells of every offering and location of an import, once', async () => {
    const organizationId = world.provider.actor.organizationId
    const wanted = {
      locations: [
        { organizationId, name: 'Home', address: '2 Main St', sourceRef: 'E1', addressOf: 'person' as const },
      ],
      offerings: [
        { ...DAY_CARE, organizationId, sourceRef: 'E1', locationRef: 'E1', hours: { weekly: [WEEKDAY] } },
        { ...DAY_CARE, organizationId, sourceRef: 'E2', locationRef: 'E1', price: 0 },
      ],
    }
    const { offeringIds, locationIds } = await publishOfferings(world.system, wanted)
    await publishOfferings(world.system, wanted)
    for (const id of offeringIds.values()) {
      expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['offering.published'])
    }
    expect((await eventsOf(locationIds.get('E1')!)).map(({ type }) => type)).toEqual(['location.created'])
    expect(await getOffering(world.provider, offeringIds.get('E2')!)).toMatchObject({ priceType: 'free' })
    expect((await getOffering(world.provider, offeringIds.get('E1')!)).hours).not.toBeNull()
  })
})
