/** A suspension outlasts whatever a feed says meanwhile. */
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { liftOffering } from '../../../src/features/catalog/lift-offering.ts'
import { liftProvider } from '../../../src/features/catalog/lift-provider.ts'
import { projectOfferings } from '../../../src/features/catalog/project-offerings.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { publishOfferings } from '../../../src/features/catalog/publish-offerings.ts'
import { suspendOffering } from '../../../src/features/catalog/suspend-offering.ts'
import { suspendProvider } from '../../../src/features/catalog/suspend-provider.ts'
import { offerings } from '../../../src/features/catalog/tables.ts'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import { listServicesAtLocations } from '../../../src/features/directory/read-services.ts'
import type { DirectoryRecord } from '../../../src/features/directory/record.ts'
import { toRecord } from '../../../src/features/directory/record-row.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { inTransaction, type TransactionContext } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'

const FEED = '00000000-0000-7000-8000-0000000000fe'

describe.each(engines())('what a feed tells of a suspended provider on %s', (rung) => {
  let world: Neighborhood
  let records: DirectoryRecord[]
  let providerId: string
  let offeringId: string
  beforeAll(async () => {
    const elsewhere = await openNeighborhood(rung)
    const { provider, areas } = elsewhere
    const at = { name: 'House', address: 'Road 1', areaId: areas.north }
    const { id: locationId } = await createLocation(provider, at)
    const kind = { category: 'elderly_care', term: 'day_care', tier: 'basic', mode: 'onsite' } as const
    const published = await publishOffering(provider, {
      locationId,
      name: 'Day care',
      unit: 'day',
      price: 100,
      ...kind,
    })
    offeringId = published.id
    providerId = provider.actor.organizationId
    const rows = await elsewhere.db.root
      .select()
      .from(directoryRecords)
      .orderBy(asc(directoryRecords.position))
    records = rows.map(toRecord)
    await elsewhere.close()
    world = await openNeighborhood(rung)
    await take()
  })
  afterAll(() => world.close())

  const write = <T>(work: (ctx: TransactionContext) => Promise<T>) => inTransaction(world.system, work)
  const take = (taken = records) =>
    write(async (ctx) => {
      await putRecords(ctx, taken, { feedId: FEED })
      return projectOfferings(ctx, [offeringId])
    })
  const drop = () =>
    write(async (ctx) => {
      await ctx.tx.delete(directoryRecords).where(eq(directoryRecords.id, offeringId))
      return projectOfferings(ctx, [offeringId])
    })
  const state = async () => {
    const [row] = await world.db.root.select().from(offerings).where(eq(offerings.id, offeringId))
    return row!.state
  }
  const isListed = async () => {
    const page = { page: 1, per_page: 100, format: 'json', full: false } as const
    const listing = await listServicesAtLocations(world.system, page)
    return 'page' in listing && listing.page.contents.some(({ id }) => id === offeringId)
  }
  const both = async () => [await state(), await isListed()]

  it('publishes nothing, whether it repeats itself, drops the place or brings it back', async () => {
    expect(await both()).toEqual(['published', true])
    await write((ctx) => suspendProvider(ctx, providerId))
    expect(await both()).toEqual(['suspended', false])
    const before = await world.db.root.$count(events)
    await take()
    expect(await world.db.root.$count(events)).toBe(before)
    expect(await both()).toEqual(['suspended', false])
    await drop()
    expect(await both()).toEqual(['withdrawn', false])
    await take()
    expect(await both()).toEqual(['suspended', false])
    await write((ctx) => liftProvider(ctx, providerId))
    expect(await both()).toEqual(['published', true])
  })

  it('brings back a single offering as suspended as it went', async () => {
    await write((ctx) => suspendOffering(ctx, offeringId))
    await drop()
    await take()
    expect(await both()).toEqual(['suspended', false])
    await write((ctx) => liftOffering(ctx, offeringId))
    expect(await both()).toEqual(['published', true])
  })

  it('is so for imports too', async () => {
    const organizationId = world.otherProvider.actor.organizationId
    await write((ctx) => suspendProvider(ctx, organizationId))
    const place = { organizationId, areaId: world.areas.north, name: 'Hall', address: 'Road 3' }
    const kind = {
      category: 'cultural',
      term: 'opera',
      tier: 'basic',
      mode: 'onsite',
      unit: 'visit',
    } as const
    const offered = {
      organizationId,
      locationRef: 'hall',
      name: 'Opera',
      price: 100,
      capacities: [],
      ...kind,
    }
    const { offeringIds } = await publishOfferings(world.otherProvider, {
      locations: [{ sourceRef: 'hall', ...place }],
      offerings: [{ sourceRef: 'opera', ...offered }],
      staffTimes: [],
    })
    const [row] = await world.db.root
      .select()
      .from(offerings)
      .where(eq(offerings.id, offeringIds.get('opera')!))
    expect(row!.state).toBe('suspended')
    expect(await write((ctx) => liftProvider(ctx, organizationId))).toBe(1)
  })
})
