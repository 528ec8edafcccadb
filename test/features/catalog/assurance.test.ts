import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assureOffering, renewAssurance } from '../../../src/features/catalog/assure-offering.ts'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { getOffering } from '../../../src/features/catalog/get-offering.ts'
import { lapseAssurance } from '../../../src/features/catalog/lapse-assurance.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import { reviseOffering } from '../../../src/features/catalog/revise-offering.ts'
import { toOffering } from '../../../src/features/catalog/wire-rows.ts'
import { JOBS } from '../../../src/jobs.ts'
import { type Context, inTransaction } from '../../../src/platform/context.ts'
import { events } from '../../../src/platform/events/tables.ts'
import { type JobRunner, startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { engines } from '../../support/test-world.ts'
import { type Neighborhood, openNeighborhood, refusalOf } from '../communities/neighborhood.ts'

const what = 'License and price list, on site'
const CARE = {
  category: 'medical',
  term: 'nursing',
  tier: 'basic',
  mode: 'home',
  unit: 'visit',
  price: 100,
} as const

describe.each(engines())('assurance on %s', (rung) => {
  let world: Neighborhood
  let supervisor: Context
  let runner: JobRunner
  let offeringId: string
  beforeAll(async () => {
    world = await openNeighborhood(rung)
    supervisor = world.context({ role: 'supervisor', areaId: world.areas.north })
    const { db, config, log, clock, encryptionKey } = world
    const ground = { db, log, encryptionKey, clock: clock.read, currency: 'TWD' }
    runner = await startJobs({ ...ground, config, definitions: JOBS })
  })
  afterAll(async () => {
    await runner.close()
    await world.close()
  })
  beforeEach(async () => {
    world.clock.set('2026-12-01T08:00:00Z')
    const { provider, areas } = world
    const location = await createLocation(provider, { name: 'S', address: '1 Main St', areaId: areas.north })
    offeringId = (await publishOffering(provider, { locationId: location.id, name: 'Nursing', ...CARE })).id
  })
  afterEach(() => runner.idle())

  const assure = (ctx: Context, lapsesAt: string, version = 1) =>
    assureOffering(ctx, { offeringId, version, what, lapsesAt })
  const renew = (lapsesAt: string, version = 1) =>
    renewAssurance(supervisor, { offeringId, version, lapsesAt })
  const stateNow = async () => (await getOffering(world.partner, offeringId)).assurance?.state
  const eventsNow = async () => {
    const rows = await world.db.root.select().from(events).where(eq(events.objectId, offeringId))
    const types = rows.sort((one, other) => one.position - other.position).map(({ type }) => type)
    return types.filter((type) => type.startsWith('offering.assur'))
  }
  /** Moves the clock, and lets the jobs that are due then be done. */
  const wait = async (until: string) => {
    world.clock.set(until)
    runner.nudge()
    await runner.idle()
  }

  it('says who verified what when, and until when it holds', async () => {
    const assured = toOffering(await assure(world.operator, '2026-12-10T00:00:00Z'))
    expect(assured.version).toBe(1)
    expect(assured.assurance).toEqual({
      what,
      assuredBy: world.operator.actor.organizationId,
      assuredByName: null,
      assuredVersion: 1,
      assuredAt: '2026-12-01T08:00:00.000Z',
      lapsesAt: '2026-12-10T00:00:00.000Z',
      state: 'assured',
    })
    const again = await assure(world.purchaser, '2026-12-11T00:00:00Z')
    expect(again.assurance).toMatchObject({ assuredByName: 'Office' })
  })

  it('lapses at its date, by a job, once', async () => {
    await assure(supervisor, '2026-12-10T00:00:00Z')
    await wait('2026-12-09T23:59:59Z')
    expect([await stateNow(), await eventsNow()]).toEqual(['assured', ['offering.assured']])
    await wait('2026-12-10T00:00:00Z')
    const lapsed = ['lapsed', ['offering.assured', 'offering.assurance_lapsed']]
    expect([await stateNow(), await eventsNow()]).toEqual(lapsed)
    await inTransaction(world.system, (ctx) =>
      lapseAssurance(ctx, { offeringId, lapsesAt: '2026-12-10T00:00:00Z' }),
    )
    expect([await stateNow(), await eventsNow()]).toEqual(lapsed)
    expect(await getOffering(world.partner, offeringId)).toMatchObject({ state: 'published', version: 1 })
  })

  it('is renewed without an edit, and lapses at the new date alone', async () => {
    await assure(supervisor, '2026-12-10T00:00:00Z')
    await wait('2026-12-05T00:00:00Z')
    const renewed = await renew('2026-12-20T00:00:00Z')
    expect(renewed.version).toBe(1)
    expect(renewed.assurance).toMatchObject({ what, assuredAt: new Date('2026-12-05T00:00:00Z') })
    await wait('2026-12-10T00:00:01Z')
    expect(await stateNow()).toBe('assured')
    await wait('2026-12-20T00:00:00Z')
    expect([await stateNow(), await eventsNow()]).toEqual([
      'lapsed',
      ['offering.assured', 'offering.assurance_renewed', 'offering.assurance_lapsed'],
    ])
  })

  it('can be renewed to the same date, and after it has lapsed', async () => {
    await assure(supervisor, '2026-12-10T00:00:00Z')
    await renew('2026-12-10T00:00:00Z')
    await wait('2026-12-11T00:00:00Z')
    expect((await eventsNow()).filter((type) => type === 'offering.assurance_lapsed')).toHaveLength(1)
    expect((await renew('2026-12-30T00:00:00Z')).assurance).toMatchObject({
      state: 'assured',
      lapsedAt: null,
    })
    await wait('2026-12-30T00:00:00Z')
    expect((await eventsNow()).filter((type) => type === 'offering.assurance_lapsed')).toHaveLength(2)
  })

  it('shows as lapsed from its date on, also before the job has come to it', async () => {
    await assure(supervisor, '2026-12-10T00:00:00Z')
    world.clock.set('2026-12-10T00:00:00Z')
    expect(await stateNow()).toBe('lapsed')
  })

  it('names the version that was verified', async () => {
    await assure(supervisor, '2026-12-10T00:00:00Z')
    await reviseOffering(world.provider, { offeringId, version: 1, price: 200 })
    const { version, assurance } = await getOffering(world.partner, offeringId)
    expect([version, assurance?.assuredVersion]).toEqual([2, 1])
    expect((await refusalOf(renew('2026-12-20T00:00:00Z', 1))).code).toBe('precondition_failed')
    expect((await renew('2026-12-20T00:00:00Z', 2)).assurance?.assuredVersion).toBe(2)
  })

  it('is another organization’s to give, in its own area', async () => {
    const { provider, partner, operator, context, areas } = world
    const until = '2026-12-10T00:00:00Z'
    expect((await refusalOf(assure(provider, until))).code).toBe('forbidden')
    expect((await refusalOf(assure(partner, until))).code).toBe('forbidden')
    const { organizationId } = provider.actor
    expect((await refusalOf(assure(context({ role: 'operator', organizationId }), until))).code).toBe(
      'duty_conflict',
    )
    const elsewhere = context({ role: 'supervisor', areaId: areas.south })
    expect((await refusalOf(assure(elsewhere, until))).code).toBe('not_found')
    const served = { offeringId, version: 1, serviceAreaIds: [areas.south] }
    await reviseOffering(provider, served)
    expect((await assure(elsewhere, until, 2)).assurance?.state).toBe('assured')
    expect((await assure(operator, until, 2)).assurance?.state).toBe('assured')
  })

  it('refuses dates that are over, a renewal of nothing, and one that takes time away', async () => {
    expect((await refusalOf(renew('2026-12-10T00:00:00Z'))).code).toBe('state_conflict')
    expect(await refusalOf(assure(supervisor, '2026-12-01T08:00:00Z'))).toMatchObject({
      code: 'invalid_input',
      pointers: ['/lapsesAt'],
    })
    await assure(supervisor, '2026-12-10T00:00:00Z')
    expect((await refusalOf(renew('2026-12-09T00:00:00Z'))).pointers).toEqual(['/lapsesAt'])
    expect((await refusalOf(assure(supervisor, 'soon'))).pointers).toEqual(['/lapsesAt'])
  })
})
