import { asc, eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import type { Hours } from '../../../src/features/catalog/hours.ts'
import { type ProjectedOfferings, projectOfferings } from '../../../src/features/catalog/project-offerings.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { locations, offeringCapacities, offerings, services } from '../../../src/features/catalog/tables.ts'
import { areas } from '../../../src/features/communities/tables.ts'
import { putRecords } from '../../../src/features/directory/put-records.ts'
import type { DirectoryRecord, JsonValue } from '../../../src/features/directory/record.ts'
import { toRecord } from '../../../src/features/directory/record-row.ts'
import { directoryRecords } from '../../../src/features/directory/tables.ts'
import { createOrganization } from '../../../src/features/identity/create-organization.ts'
import { organizations } from '../../../src/features/identity/tables.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { accountsOf, openAccount } from '../../../src/platform/ledger/accounts.ts'
import { holdBundle } from '../../../src/platform/ledger/post-transfers.ts'
import { accounts } from '../../../src/platform/ledger/tables.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood } from '../communities/neighborhood.ts'
import { location, offering } from './offering-inputs.ts'

const FEED = '00000000-0000-7000-8000-0000000000fe'
const PERIOD = '2026-12'

/** All records, as a feed would carry them. */
async function recordsOf(world: Neighborhood): Promise<DirectoryRecord[]> {
  const rows = await world.db.root.select().from(directoryRecords).orderBy(asc(directoryRecords.position))
  return rows.map(toRecord)
}

/** Takes records in as a feed's, and projects every place among them. */
function take(world: Neighborhood, records: readonly DirectoryRecord[]): Promise<ProjectedOfferings> {
  return inTransaction(world.system, async (ctx) => {
    await putRecords(ctx, records, { feedId: FEED })
    const places = records.filter(({ kind }) => kind === 'service_at_location')
    return projectOfferings(
      ctx,
      places.map(({ id }) => id),
    )
  })
}

const sorted = <T>(list: readonly T[]) => [...list].sort()

function normalized(hours: Hours | null) {
  if (!hours) return null
  const keyOf = (one: object) => JSON.stringify(one)
  const order = <T extends object>(list: readonly T[]) =>
    [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const weekly = hours.weekly.map(({ day, opens, closes }) => ({ day, opens, closes }))
  return { timeZone: hours.timeZone, weekly: order(weekly), exceptions: order(hours.exceptions) }
}

/** Everything of every offering that must be the same in two databases; areas by code. */
async function offeringsOf({ db }: Neighborhood) {
  const rows = await db.root
    .select()
    .from(offerings)
    .innerJoin(services, eq(services.id, offerings.serviceId))
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .orderBy(asc(offerings.id))
  const known = await db.root.select().from(areas)
  const codes = new Map(known.map(({ id, code }) => [id, code]))
  const months = await db.root
    .select({ said: offeringCapacities, limit: accounts.limit })
    .from(offeringCapacities)
    .innerJoin(
      accounts,
      sql`${accounts.ownerId} = ${offeringCapacities.offeringId} and ${accounts.period} = ${offeringCapacities.period}`,
    )
    .orderBy(asc(offeringCapacities.offeringId), asc(offeringCapacities.period))
  return rows.map(({ offerings: offering, services: service, locations: place }) => {
    const { createdAt: _at, hours, serviceAreaIds, caregiverGenders, ...rest } = offering
    const { createdAt: _made, ...serviceRest } = service
    const { createdAt: _since, areaId: _area, ...placeRest } = place
    return {
      ...rest,
      hours: normalized(hours),
      areas: sorted(serviceAreaIds.map((id) => codes.get(id))),
      caregiverGenders: sorted(caregiverGenders),
      service: serviceRest,
      place: placeRest,
      capacities: months
        .filter(({ said }) => said.offeringId === offering.id)
        .map(({ said: { updatedAt: _when, ...said }, limit }) => ({ ...said, limit })),
    }
  })
}

describe.each(engines())('offerings and records on %s', (rung) => {
  let here: Neighborhood
  let there: Neighborhood
  beforeAll(async () => {
    here = await openNeighborhood(rung)
    there = await openNeighborhood(rung)
  })
  afterAll(() => Promise.all([here.close(), there.close()]))

  it('are the same offerings in another database', async () => {
    let published = 0
    const { provider } = here
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(location, offering), { minLength: 4, maxLength: 10 }),
        async (wanted) => {
          for (const [place, { areas: served, ...fields }] of wanted) {
            const { id: locationId } = await createLocation(provider, place)
            const serviceAreaIds = served.map((name) => here.areas[name])
            // A service's languages are told of it, not of its places: one place each.
            const name = `${fields.name} ${++published}`
            await publishOffering(provider, { ...fields, name, locationId, serviceAreaIds })
          }
          const records = await recordsOf(here)
          const projected = await take(there, records)
          expect(projected).toEqual({ projected: published, unprojected: 0, flaws: [] })
          expect(await offeringsOf(there)).toEqual(await offeringsOf(here))
          // Once more: nothing is different, so nothing is a new version.
          const before = await there.db.root.select().from(events)
          await take(there, records)
          expect(await offeringsOf(there)).toEqual(await offeringsOf(here))
          expect(await there.db.root.select().from(events)).toEqual(before)
        },
      ),
      { numRuns: 4 },
    )
  }, 300_000)
})

const IDS = { organization: '', service: '', location: '', place: '' }

let count = 0
const nextId = () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`

/** A feed of its own for each test: what others took in stays in the directory. */
beforeEach(() => {
  Object.assign(IDS, { organization: nextId(), service: nextId(), location: nextId(), place: nextId() })
})

type Change = Partial<Record<keyof typeof IDS, Record<string, JsonValue | undefined>>>

/** One place of a feed, complete; `change` replaces fields, undefined takes them away. */
function feed(change: Change = {}, more: DirectoryRecord[] = []): DirectoryRecord[] {
  const place = {
    service_id: IDS.service,
    location_id: IDS.location,
    tier: 'basic',
    mode: 'onsite',
    unit: 'day',
    price_type: 'per_unit',
    price: 5000,
  }
  const all: [keyof typeof IDS, DirectoryRecord['kind'], Record<string, JsonValue | undefined>][] = [
    ['organization', 'organization', { name: 'Home', sector: 'ngo' }],
    [
      'service',
      'service',
      {
        organization_id: IDS.organization,
        name: 'Day care',
        status: 'active',
        category: 'elderly_care',
        term: 'day_care',
      },
    ],
    ['location', 'location', { name: 'Hall', latitude: 25.03, longitude: 121.54 }],
    ['place', 'service_at_location', place],
  ]
  const records = all.map(([name, kind, fields]) => {
    const changed = Object.entries({ ...fields, ...change[name] }).filter(([, value]) => value !== undefined)
    return { kind, id: IDS[name], fields: Object.fromEntries(changed) as Record<string, JsonValue> }
  })
  return [...records, ...more]
}

function detail(
  kind: DirectoryRecord['kind'],
  fields: Record<string, JsonValue>,
  id = nextId(),
): DirectoryRecord {
  return { kind, id, fields: { service_at_location_id: IDS.place, ...fields } }
}

const month = (period: string, fields: Record<string, JsonValue>, id?: string) =>
  detail('service_capacity', { period, updated: '2026-11-30T00:00:00Z', ...fields }, id)

describe.each(engines())('a feed’s places on %s', (rung) => {
  let world: Neighborhood
  beforeAll(async () => {
    world = await openNeighborhood(rung)
  })
  afterAll(() => world.close())

  const row = async () => (await world.db.root.select().from(offerings).where(eq(offerings.id, IDS.place)))[0]
  const seen = new Set<string>()
  /** Types of the events since the last look, in alphabetical order. */
  const news = async () => {
    const fresh = (await world.db.root.select().from(events)).filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    return fresh.map(({ type }) => type).sort()
  }

  it('are no offerings without the Profile’s fields, and no flaw', async () => {
    for (const change of [
      { place: { tier: undefined } },
      { place: { unit: undefined } },
      { place: { price_type: undefined } },
      { service: { term: undefined } },
      { service: { status: 'inactive' } },
    ]) {
      expect(await take(world, feed(change))).toEqual({ projected: 0, unprojected: 1, flaws: [] })
    }
    expect(await row()).toBeUndefined()
  })

  it('are passed over where they say too little, and all accounted for', async () => {
    const [, service, , place] = feed()
    const other = (fields: Record<string, JsonValue>): DirectoryRecord => ({
      ...place!,
      id: nextId(),
      fields,
    })
    const { mode: _mode, ...modeless } = place!.fields
    const plain = { ...service!, id: nextId(), fields: { name: 'Plain', status: 'active' } }
    const records = [
      ...feed(),
      plain,
      other(modeless),
      other({ ...place!.fields, service_id: plain.id }),
      other({ ...place!.fields, service_id: nextId() }),
      other({ ...place!.fields, price: -1 }),
    ]
    const { projected, unprojected, flaws } = await take(world, records)
    expect([projected, unprojected, flaws.map(({ field }) => field)]).toEqual([1, 4, ['price']])
    const unknown = await inTransaction(world.system, (ctx) => projectOfferings(ctx, [nextId()]))
    expect(unknown).toEqual({ projected: 0, unprojected: 0, flaws: [] })
  })

  it('are told as flawed where they cannot be meant', async () => {
    const flaws: [Change, string][] = [
      [{ organization: { sector: undefined } }, 'organization.sector'],
      [{ place: { price: undefined } }, 'price'],
      [{ place: { price: -1 } }, 'price'],
      [{ place: { price_type: 'free' } }, 'price'],
      [{ place: { price_ceiling: 4999 } }, 'price_ceiling'],
      [{ place: { tier: 'best' } }, 'tier'],
      [{ place: { unit: 'bed' } }, 'unit'],
      [{ place: { currency: 'USD' } }, 'currency'],
      [{ place: { eligibility: { fact: 'shoe', op: 'gte', value: 1 } } }, 'eligibility'],
      [{ service: { term: 'Day Care' } }, 'service.term'],
      [{ service: { category: 'sports' } }, 'service.category'],
      [{ place: { location_id: IDS.place } }, 'location_id'],
      [{ service: { organization_id: IDS.place } }, 'service.organization_id'],
    ]
    for (const [change, field] of flaws) {
      const projected = await take(world, feed(change))
      expect({ ...projected, flaws: projected.flaws.map((flaw) => [flaw.id, flaw.field]) }).toEqual({
        projected: 0,
        unprojected: 1,
        flaws: [[IDS.place, field]],
      })
    }
  })

  it('become offerings, and follow the feed', async () => {
    await news()
    const steps: [Change, object, string[]][] = [
      [{}, { state: 'published', version: 1, hours: null }, ['offering.published', 'organizations.created']],
      [{ place: { price: 6000 } }, { price: 6000, version: 2 }, ['offering.revised']],
      [{ location: { latitude: 25.04 } }, { price: 5000, version: 3 }, ['offering.revised']],
      [{}, { version: 4 }, ['offering.revised']],
      [{}, { version: 4 }, []],
      [{ service: { status: 'defunct' } }, { state: 'withdrawn', version: 5 }, ['offering.withdrawn']],
      [{ service: { status: 'defunct' } }, { state: 'withdrawn', version: 5 }, []],
      [{}, { state: 'published', version: 6 }, ['offering.published']],
      [{ place: { tier: undefined } }, { state: 'withdrawn', version: 7 }, ['offering.withdrawn']],
    ]
    for (const [change, expected, types] of steps) {
      const { flaws } = await take(world, feed(change))
      expect(flaws).toEqual([])
      expect(await row()).toMatchObject(expected)
      expect(await news()).toEqual(types)
    }
  })

  it('keep the place, but not its point, where nobody can stand', async () => {
    for (const point of [
      { latitude: 121.5, longitude: 25 },
      { latitude: 0, longitude: 0 },
      { latitude: undefined },
    ]) {
      const { projected, flaws } = await take(world, feed({ location: point }))
      expect([projected, flaws.map(({ field }) => field)]).toEqual([1, ['location.latitude']])
      const [place] = await world.db.root.select().from(locations).where(eq(locations.id, IDS.location))
      expect(place).toMatchObject({ latitude: null, longitude: null })
    }
  })

  it('never take back what is promised', async () => {
    const id = nextId()
    await take(world, feed({}, [month(PERIOD, { maximum: 10, available: 10 }, id)]))
    const [capacity] = await accountsOf(world.system, [IDS.place], PERIOD)
    expect(capacity).toMatchObject({ limit: 10, unit: 'day' })
    await inTransaction(world.system, async (ctx) => {
      const name = { kind: 'consumed', ownerId: IDS.place, period: PERIOD, unit: 'day' } as const
      const consumed = await openAccount(ctx, name, 0)
      const uses = [{ debitId: capacity!.id, creditId: consumed.id, amount: 6 }]
      await holdBundle(ctx, { id: ctx.newId(), uses })
    })
    await news()
    const { flaws } = await take(world, feed({}, [month(PERIOD, { maximum: 5, available: 5 }, id)]))
    expect(flaws.map(({ field }) => field)).toEqual(['service_capacity.maximum'])
    const limits = (await accountsOf(world.system, [IDS.place], PERIOD)).filter(
      ({ kind }) => kind === 'capacity',
    )
    expect(limits).toMatchObject([{ limit: 6, held: 6 }])
    expect(await news()).toEqual(['capacity.set'])
    // Nor are they counted anew in another unit.
    const other = await take(world, feed({ place: { unit: 'hour' } }))
    expect(other.flaws.map(({ field }) => field)).toContain('unit')
    expect((await row())!.unit).toBe('day')
  })

  it('take what of capacities can be booked', async () => {
    const months = [
      month('2026-11', { maximum: 3 }),
      month('2027-01', { maximum: 9, funded: 4, available: 7 }),
      month('2027-02', { maximum: 9, available: 2, status: 'waitlist' }),
      month('2027-03', { available: 5 }),
      month('2027-04', { maximum: 1.5 }),
      detail('service_capacity', { maximum: 3, updated: '2026-11-30T00:00:00Z' }),
    ]
    const { flaws } = await take(world, feed({}, months))
    expect(flaws.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('2027-01 has more available than the 4'),
      expect.stringContaining('2027-04 is not told in whole units'),
      expect.stringContaining('is not told'),
    ])
    const said = await world.db.root
      .select()
      .from(offeringCapacities)
      .where(sql`${offeringCapacities.offeringId} = ${IDS.place} and ${offeringCapacities.period} > '2027'`)
      .orderBy(offeringCapacities.period)
    expect(said).toMatchObject([
      { period: '2027-01', maximum: 9, funded: 4, status: 'capacity' },
      { period: '2027-02', maximum: 9, funded: null, status: 'waitlist' },
      { period: '2027-03', maximum: 5, funded: null },
    ])
    const limits = await Promise.all(
      said.map(async ({ period }) => (await accountsOf(world.system, [IDS.place], period))[0]!.limit),
    )
    expect(limits).toEqual([4, 2, 5])
  })

  it('tell two services of one name apart', async () => {
    const twin = nextId()
    const [, service, , place] = feed()
    const records = [
      ...feed(),
      { ...service!, id: twin },
      { ...place!, id: twin, fields: { ...place!.fields, service_id: twin } },
    ]
    for (const _again of [1, 2]) {
      const { projected, flaws } = await take(world, records)
      expect([projected, flaws.map(({ id, field }) => [id, field])]).toEqual([2, [[twin, 'service.name']]])
      const own = eq(services.organizationId, IDS.organization)
      const named = await world.db.root.select().from(services).where(own).orderBy(services.id)
      expect(named.map(({ name }) => name)).toEqual(['Day care', `Day care (${twin.slice(-8)})`])
    }
  })

  it('leave alone what was registered here, and what feeds do not describe', async () => {
    const purchaser = await createOrganization(world.operator, { kind: 'purchaser', name: 'Office' })
    IDS.organization = purchaser.id
    const { flaws } = await take(world, feed())
    expect(flaws.map(({ field }) => field)).toEqual(['organization.id'])
    const [same] = await world.db.root.select().from(organizations).where(eq(organizations.id, purchaser.id))
    expect(same).toMatchObject({ kind: 'purchaser', name: 'Office', sector: null })
    const { id: locationId } = await createLocation(world.provider, { name: 'Own', address: 'Own' })
    const own = await publishOffering(world.provider, {
      locationId,
      name: 'Own',
      category: 'cultural',
      term: 'own',
      tier: 'basic',
      mode: 'onsite',
      unit: 'day',
      price: 1,
    })
    const none = await inTransaction(world.system, (ctx) => projectOfferings(ctx, [own.id]))
    expect(none).toEqual({ projected: 0, unprojected: 0, flaws: [] })
    const [kept] = await world.db.root.select().from(offerings).where(eq(offerings.id, own.id))
    expect(kept).toMatchObject({ state: 'published', version: 1 })
  })
})
