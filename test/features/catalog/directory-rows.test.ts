/** What the catalog's verbs tell the directory. */
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import { publishToDirectory } from '../../../src/features/catalog/publish-to-directory.ts'
import { reviseLocation } from '../../../src/features/catalog/revise-location.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import type { PublishOffering } from '../../../src/features/catalog/schemas.ts'
import { setCapacity } from '../../../src/features/catalog/set-capacity.ts'
import { withdrawOffering } from '../../../src/features/catalog/withdraw-offering.ts'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import { readRecords } from '../../../src/features/directory/read-records.ts'
import type { RecordKind } from '../../../src/features/directory/record.ts'
import { toRecord } from '../../../src/features/directory/record-row.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

const PERIOD = '2026-12'
const FEED = '00000000-0000-7000-8000-0000000000fe'

const DAY_CARE = {
  category: 'elderly_care',
  term: 'day_care',
  tier: 'inclusive',
  mode: 'onsite',
  unit: 'day',
  price: 92_050,
} as const satisfies Partial<PublishOffering>

describe.each(engines())('the catalog in the directory on %s', (rung) => {
  let world: Neighborhood
  let locationId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    const place = { name: 'Station', address: '1 Main St', point: { latitude: 25.03, longitude: 121.54 } }
    locationId = (await createLocation(world.provider, { ...place, visibility: 'public' })).id
  })
  afterAll(() => world.close())

  const publish = (name: string, more: Partial<PublishOffering> = {}) =>
    publishOffering(world.provider, { locationId, name, ...DAY_CARE, ...more })

  const told = async (kind: RecordKind, by: 'id' | 'service_id' | 'service_at_location_id', id: string) => {
    const rows = await world.db.root
      .select()
      .from(directoryRecords)
      .where(eq(directoryRecords[by], id))
      .orderBy(asc(directoryRecords.position))
    return rows.filter((row) => row.kind === kind).map((row) => toRecord(row).fields)
  }

  it('has a location with its address and its organization', async () => {
    const [location] = await readRecords(world.system, 'location', [locationId])
    expect(location!.fields).toEqual({
      organization_id: world.provider.actor.organizationId,
      location_type: 'physical',
      name: 'Station',
      latitude: 25.03,
      longitude: 121.54,
      visibility: 'public',
      address_of: 'station',
    })
    const rows = await world.db.root
      .select()
      .from(directoryRecords)
      .where(eq(directoryRecords.location_id, locationId))
    expect(rows.map((row) => toRecord(row))).toMatchObject([
      { kind: 'address', fields: { address_1: '1 Main St', address_type: 'physical' } },
    ])
    const owner = await told('organization', 'id', world.provider.actor.organizationId)
    expect(owner).toEqual([{ name: 'Care House', sector: 'ngo' }])
  })

  it('has an offering with all that is said of it', async () => {
    const { id, serviceId } = await publish('Day care', {
      eligibility: { fact: 'age', op: 'gte', value: 65 },
      languages: ['zh', 'nan'],
      serviceAreaIds: [world.areas.north],
      priceOptions: [
        { name: 'Low income', price: 40_000, eligibility: { fact: 'incomeClass', op: 'eq', value: 'low' } },
      ],
      capacities: [{ period: PERIOD, units: 20, funded: 15 }],
      hours: {
        timeZone: 'Asia/Taipei',
        weekly: [
          { day: 'MO', opens: '09:00', closes: '24:00' },
          { day: 'FR', opens: '09:00', closes: '24:00' },
        ],
        exceptions: [{ date: '2027-01-01', intervals: [] }],
      },
    })
    expect(await told('service', 'id', serviceId)).toEqual([
      {
        organization_id: world.provider.actor.organizationId,
        name: 'Day care',
        status: 'active',
        eligibility_description: 'Age is at least 65.',
        category: 'elderly_care',
        term: 'day_care',
      },
    ])
    expect(await told('service_at_location', 'id', id)).toMatchObject([
      {
        service_id: serviceId,
        location_id: locationId,
        tier: 'inclusive',
        price: 92_050,
        price_type: 'per_unit',
        currency: 'TWD',
        eligibility: { fact: 'age', op: 'gte', value: 65 },
        capacity_status: 'capacity',
      },
    ])
    const costs = await told('cost_option', 'service_id', serviceId)
    expect(costs.map(({ option, amount }) => [option, amount])).toEqual([
      ['Regular price', 920.5],
      ['Low income', 400],
    ])
    expect((await told('language', 'service_id', serviceId)).map(({ code }) => code)).toEqual(['zh', 'nan'])
    const of = (kind: RecordKind) => told(kind, 'service_at_location_id', id)
    expect(await of('service_area')).toMatchObject([
      { extent: 'N', extent_type: 'lifecircle:area', name: 'N' },
    ])
    expect(await of('schedule')).toMatchObject([
      { freq: 'WEEKLY', byday: 'MO,FR', opens_at: '09:00:00', closes_at: '00:00:00', timezone: 8 },
      { valid_from: '2027-01-01', valid_to: '2027-01-01', notes: 'closed' },
    ])
    const [capacity] = await of('service_capacity')
    expect(capacity).toMatchObject({
      service_id: serviceId,
      period: PERIOD,
      maximum: 20,
      funded: 15,
      available: 15,
    })
    expect(await told('unit', 'id', String(capacity!.unit_id))).toEqual([{ name: 'day' }])
  })

  it('follows every verb, and keeps nothing that is said no longer', async () => {
    const hours = { weekly: [{ day: 'MO' as const, opens: '09:00', closes: '17:00' }] }
    const { id, serviceId, version } = await publish('Lunch', { hours, languages: ['zh'] })
    await setCapacity(world.provider, { offeringId: id, period: PERIOD, units: 7, status: 'waitlist' })
    const of = (kind: RecordKind) => told(kind, 'service_at_location_id', id)
    expect(await of('service_capacity')).toMatchObject([{ maximum: 7, available: 7, status: 'waitlist' }])
    expect(await told('service_at_location', 'id', id)).toMatchObject([{ capacity_status: 'waitlist' }])
    const patch = { name: 'Supper', hours: null, price: 100, languages: ['nan'] }
    const revised = await reviseOffering(world.provider, { offeringId: id, version, ...patch })
    expect(await of('schedule')).toEqual([])
    expect(await told('service_at_location', 'id', id)).toMatchObject([
      { price: 100, service_id: revised.serviceId },
    ])
    expect(await told('service', 'id', revised.serviceId)).toMatchObject([
      { name: 'Supper', status: 'active' },
    ])
    // The service it had before is offered nowhere now.
    expect(await told('service', 'id', serviceId)).toMatchObject([{ name: 'Lunch', status: 'inactive' }])
    expect(await told('language', 'service_id', serviceId)).toEqual([])
    await withdrawOffering(world.provider, { offeringId: id, version: revised.version })
    expect(await told('service_at_location', 'id', id)).toEqual([])
    expect(await of('service_capacity')).toEqual([])
    expect(await told('service', 'id', revised.serviceId)).toMatchObject([{ status: 'inactive' }])
  })

  it('has a place where all is remote as virtual', async () => {
    const line = await createLocation(world.provider, { name: 'Hotline', address: 'By telephone' })
    await publish('Hotline', { locationId: line.id, mode: 'remote' })
    expect(await told('location', 'id', line.id)).toMatchObject([{ location_type: 'virtual' }])
    await publish('Visits', { locationId: line.id })
    expect(await told('location', 'id', line.id)).toMatchObject([{ location_type: 'physical' }])
    await reviseLocation(world.provider, { locationId: line.id, version: 1, name: 'House' })
    expect(await told('location', 'id', line.id)).toMatchObject([{ name: 'House' }])
  })

  it('says the same again without a change, one by one or as an import', async () => {
    const organizationId = world.provider.actor.organizationId
    const wanted = {
      locations: [{ organizationId, sourceRef: 'l', name: 'L', address: 'L' }],
      offerings: ['a', 'b'].map((sourceRef) => ({
        ...DAY_CARE,
        organizationId,
        sourceRef,
        locationRef: 'l',
        name: 'Imported',
        languages: [sourceRef === 'a' ? 'zh' : 'nan'],
        capacities: [{ period: PERIOD, units: 3 }],
      })),
    }
    const { offeringIds, locationIds } = await publishOfferings(world.provider, wanted)
    const all = () => world.db.root.select().from(directoryRecords).orderBy(asc(directoryRecords.position))
    const before = await all()
    expect(before.filter((row) => row.kind === 'language').map((row) => row.fields.code)).toContain('nan')
    world.clock.advance(60_000)
    await publishOfferings(world.provider, wanted)
    await inTransaction(world.system, (ctx) =>
      publishToDirectory(ctx, {
        offeringIds: [...offeringIds.values()],
        locationIds: [...locationIds.values()],
      }),
    )
    expect(await all()).toEqual(before)
  })

  it('leaves what a feed describes to the feed', async () => {
    const { id, serviceId } = await publish('Theirs')
    const [record] = (
      await world.db.root.select().from(directoryRecords).where(eq(directoryRecords.id, id))
    ).map(toRecord)
    const theirs = { ...record!, fields: { ...record!.fields, price: 1 } }
    await inTransaction(world.system, (ctx) => putRecords(ctx, [theirs], { feedId: FEED }))
    await setCapacity(world.provider, { offeringId: id, period: PERIOD, units: 7 })
    expect(await told('service_at_location', 'id', id)).toMatchObject([{ price: 1 }])
    expect(await told('service_capacity', 'service_at_location_id', id)).toEqual([])
    expect(await told('service', 'id', serviceId)).toMatchObject([{ status: 'active' }])
  })
})
