/** A district of two communities with three providers, an open program and residents who want more than there is. */
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { createLocation } from '../../../src/features/catalog/create-location.ts'
import { publishOffering } from '../../../src/features/catalog/publish-offering.ts'
import type { PublishOffering } from '../../../src/features/catalog/schemas.ts'
import { setStaffTime } from '../../../src/features/catalog/set-staff-time.ts'
import { SYSTEM } from '../../../src/features/identity/permissions.ts'
import { performRun } from '../../../src/features/matching/perform-run.ts'
import { type RunRow, startRun } from '../../../src/features/matching/start-run.ts'
import { matches, matchRuns } from '../../../src/features/matching/tables.ts'
import { ensureDefaultPolicy } from '../../../src/features/policies/ensure-default-policy.ts'
import { approveProgram } from '../../../src/features/programs/approve-program.ts'
import { createProgram } from '../../../src/features/programs/create-program.ts'
import { openProgram } from '../../../src/features/programs/open-program.ts'
import { submitProgram } from '../../../src/features/programs/submit-program.ts'
import { registerResidents } from '../../../src/features/residents/register-residents.ts'
import { ConsentFact, type RegisterResidents } from '../../../src/features/residents/schemas.ts'
import { needs } from '../../../src/features/residents/tables.ts'
import { JOBS, REACTIONS } from '../../../src/jobs.ts'
import {
  type Actor,
  type Context,
  createContext,
  inTransaction,
  type TransactionContext,
} from '../../../src/platform/context.ts'
import { type JobRunner, startJobs } from '../../../src/platform/jobs/run-jobs.ts'
import { openTestDb, type Rung, type TestWorld } from '../../support/test-world.ts'
import { employ, insertArea, organize, PERIOD } from '../referrals/proposed-run.ts'
import { HOME, metersNorth } from './snapshots.ts'

type ResidentInput = RegisterResidents['residents'][number]

export interface Marketplace {
  world: TestWorld
  areas: { district: string; north: string; south: string }
  officer: Actor
  finance: Actor
  partner: Actor
  providers: { house: Actor; club: Actor; helpers: Actor }
  offerings: { house: string; club: string; helpers: string }
  programId: string
  /** A context that sets off reactions, as the server's do. */
  as(actor: Actor): Context
}

export async function openMarketplace(rung: Rung = 'embedded'): Promise<Marketplace> {
  const world = await openTestDb(rung)
  const { db, log, clock, encryptionKey } = world
  const ground = { db, log, clock: clock.read, encryptionKey, currency: 'TWD', reactions: REACTIONS }
  const as = (actor: Actor) => createContext({ ...ground, actor })
  const system = as(SYSTEM)
  await ensureDefaultPolicy(system)
  const staffed = await inTransaction(system, staff)
  const offerings = await publish(staffed, as)
  const programId = await fund(staffed, as)
  return { world, as, offerings, programId, ...staffed }
}

async function staff(ctx: TransactionContext) {
  const district = await insertArea(ctx)
  const areas = { district, north: await insertArea(ctx, district), south: await insertArea(ctx, district) }
  const office = await organize(ctx, 'purchaser')
  const provider = async () => employ(ctx, await organize(ctx, 'provider'), 'provider')
  return {
    areas,
    officer: await employ(ctx, office, 'purchaser.officer'),
    finance: await employ(ctx, office, 'purchaser.finance'),
    partner: await employ(ctx, await organize(ctx, 'partner'), 'partner'),
    providers: { house: await provider(), club: await provider(), helpers: await provider() },
  }
}

type Staffed = Awaited<ReturnType<typeof staff>>

/** Two places of day care in the house, one in the club, and three baths at home anywhere in the district. */
async function publish({ areas, providers }: Staffed, as: Marketplace['as']) {
  const { house, club, helpers } = providers
  await setStaffTime(as(house), { period: PERIOD, minutes: 120 })
  const place = async (actor: Actor, more: Partial<PublishOffering> & { units: number }) => {
    const { units, ...fields } = more
    const at = { name: 'House', address: 'Road 1', areaId: areas.north, point: metersNorth(200) }
    const location = await createLocation(as(actor), at)
    const offering = await publishOffering(as(actor), {
      locationId: location.id,
      name: 'Service',
      category: 'elderly_care',
      term: 'day_care',
      tier: 'basic',
      mode: 'onsite',
      unit: 'day',
      price: 10_000,
      capacities: [{ period: PERIOD, units }],
      ...fields,
    })
    return offering.id
  }
  return {
    house: await place(house, { units: 5, staffMinutesPerUnit: 60 }),
    club: await place(club, { units: 1, price: 4000, languages: ['nan'] }),
    helpers: await place(helpers, {
      units: 3,
      term: 'bathing',
      mode: 'home',
      unit: 'visit',
      serviceAreaIds: [areas.district],
    }),
  }
}

/** Pays half, at most 6000 a resident, out of 20,000. */
async function fund({ areas, officer, finance }: Staffed, as: Marketplace['as']): Promise<string> {
  const { id } = await createProgram(as(officer), {
    areaId: areas.district,
    period: PERIOD,
    name: 'Care fund',
    categories: ['elderly_care'],
    tiers: ['basic', 'inclusive'],
    budget: 20_000,
    subsidyShare: 5000,
    residentCap: 6000,
  })
  await submitProgram(as(officer), { id, expectedVersion: 1 })
  await approveProgram(as(finance), { id, expectedVersion: 2 })
  await openProgram(as(officer), { id, expectedVersion: 3 })
  return id
}

const ALL_FACTS = [...ConsentFact.options]

/** Somebody in the north who consents to everything, has 20,000, and wants a day of care. */
export function person(areaId: string, more: Partial<ResidentInput> = {}): ResidentInput {
  return {
    reference: randomUUID(),
    areaId,
    point: HOME,
    birthYear: 1946,
    mobility: 'independent',
    assessments: [cared(2)],
    incomeClass: 'low',
    livesAlone: true,
    languages: ['nan'],
    consents: [{ purpose: 'matching', facts: ALL_FACTS }],
    wallets: [{ period: PERIOD, amount: 20_000 }],
    needs: [wants('day_care')],
    ...more,
  }
}

const cared = (level: number) => ({ scheme: 'cms', level })

export const wants = (term: string) =>
  ({ period: PERIOD, category: 'elderly_care', term, tier: 'basic', quantity: 1 }) as const

export async function register(market: Marketplace, residents: ResidentInput[]): Promise<string[]> {
  const { organizationId } = market.partner
  const { ids } = await registerResidents(market.as(market.partner), { organizationId, residents })
  return ids
}

/** Five in the north who want three places, two of them a bath too; one far away; one who consents to nothing. */
export async function populate(market: Marketplace): Promise<string[]> {
  const { north, south } = market.areas
  const bathing = { needs: [wants('day_care'), wants('bathing')] }
  return register(market, [
    person(north, bathing),
    person(north, { ...bathing, assessments: [cared(5)] }),
    person(north, { assessments: [cared(8)] }),
    person(north, { wallets: [] }),
    person(north, { mobility: 'slow' }),
    person(south, { point: metersNorth(-4000) }),
    person(north, { consents: [] }),
  ])
}

export function order(market: Marketplace, areaId = market.areas.district): Promise<RunRow> {
  return startRun(market.as(market.officer), { areaId, period: PERIOD, seed: 3, rounds: 20 })
}

export function startRunner({ world }: Marketplace): Promise<JobRunner> {
  const { db, config, log, encryptionKey, clock } = world
  const ground = { db, log, encryptionKey, clock: clock.read, currency: 'TWD', reactions: REACTIONS }
  return startJobs({ ...ground, config, definitions: JOBS })
}

type Write = (ctx: TransactionContext) => Promise<void>

/** Performs the run's job up to its last step, and gives that one to the caller. */
export async function solveRun(market: Marketplace, runId: string): Promise<Write> {
  let write: Write | undefined
  const { signal } = new AbortController()
  await performRun.perform(
    market.as(market.officer),
    { runId },
    {
      id: runId,
      attempt: 1,
      signal,
      finish: async (work) => {
        write = work
        return true
      },
    },
  )
  if (!write) throw new Error('The run had nothing to write.')
  return write
}

/** Orders a run and performs it without a queue; `meanwhile` happens between the solving and the writing. */
export async function propose(market: Marketplace, meanwhile = async () => {}): Promise<RunRow> {
  const run = await order(market)
  const write = await solveRun(market, run.id)
  await meanwhile()
  await inTransaction(market.as(market.officer), write)
  return readRun(market, run.id)
}

export async function readRun({ world }: Marketplace, id: string): Promise<RunRow> {
  const [run] = await world.db.root.select().from(matchRuns).where(eq(matchRuns.id, id))
  return run!
}

export function matchesOf({ world }: Marketplace, runId: string) {
  return world.db.root.select().from(matches).where(eq(matches.runId, runId)).orderBy(matches.id)
}

/** How many needs are in which state. */
export async function needStates({ world }: Marketplace): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state } of await world.db.root.select().from(needs)) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
