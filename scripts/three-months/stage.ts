/** The stage of three months: a district in a database of its own, its people, a clock that is moved, jobs that run. */
import { sql } from 'drizzle-orm'
import type { District, DistrictResident } from '../../src/cli/demo/district.ts'
import { loadDistrict } from '../../src/cli/demo/load-district.ts'
import { drawResidents } from '../../src/cli/demo/residents.ts'
import { scaleToSample } from '../../src/cli/demo/scale.ts'
import { DEFAULT_TAIPEI_DISTRICT, readTaipei } from '../../src/cli/demo/taipei/read-taipei.ts'
import { generateTown } from '../../src/cli/demo/town.ts'
import { createRandom, type Random } from '../../src/engine/random.ts'
import { createPrincipal } from '../../src/features/identity/create-principal.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import { principals } from '../../src/features/identity/tables.ts'
import { ensureDefaultPolicy } from '../../src/features/policies/ensure-default-policy.ts'
import { residents as residentRows } from '../../src/features/residents/tables.ts'
import { JOBS, REACTIONS } from '../../src/jobs.ts'
import { readConfig } from '../../src/platform/config.ts'
import { type Actor, type Context, createContext } from '../../src/platform/context.ts'
import type { Db } from '../../src/platform/db/client.ts'
import { openInMemory } from '../../src/platform/db/embedded.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { openDb } from '../../src/platform/db/open-db.ts'
import { createIdSource } from '../../src/platform/ids.ts'
import { startJobs } from '../../src/platform/jobs/run-jobs.ts'
import { createLogger } from '../../src/platform/telemetry.ts'
import { createDeployment } from '../deployment.ts'

export const MONTHS = ['2026-12', '2027-01', '2027-02'] as const
const WAIT_MS = 600_000

export interface StageOptions {
  rung: 'embedded' | 'postgres'
  residents: number
  seed: number
  rounds: number
  from?: string | undefined
}

export interface Stage {
  options: StageOptions
  areaId: string
  district: District
  /** In the order of the rows' ids. */
  people: { id: string; wants: DistrictResident }[]
  random: Random
  db: Db
  officer: Context
  finance: Context
  /** Another finance officer: whoever approves a program does not settle it. */
  treasurer: Context
  partner: Context
  supervisor: Context
  system: Context
  /** Somebody of a provider. */
  provider(organizationId: string): Promise<Context>
  now(): Date
  setClock(instant: string): void
  advance(days: number): void
  /** Waits until no job that is due is left. */
  settled(): Promise<void>
  close(): Promise<void>
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const log = createLogger('error')
  const { config, db, remove } = await openDatabase(options.rung)
  let now = new Date(`${MONTHS[0]}-01T08:00:00Z`)
  const clock = () => new Date(now)
  const ground = { db, log, encryptionKey: Buffer.alloc(32, 1), currency: 'TWD', clock, reactions: REACTIONS }
  // One source for all: ids that are made in one instant of a standing clock still sort in the order they were made.
  const newId = createIdSource(clock)
  const as = (actor: Actor) => createContext({ ...ground, newId, actor })
  const system = as(SYSTEM)
  await ensureDefaultPolicy(system)
  const scene = sceneOf(options)
  const areaId = await loadDistrict({ ...ground, newId }, scene)
  const jobs = await startJobs({ ...ground, newId, config, definitions: JOBS })
  const staff = await staffOf(system)
  const provider = providersOf(system, as)
  return {
    options,
    areaId,
    district: scene.district,
    people: await peopleOf(system, scene.residents),
    random: createRandom(options.seed),
    db,
    officer: as({ ...staff('officer'), areaId }),
    finance: as({ ...staff('finance'), areaId }),
    treasurer: as({ ...(await hire(system, staff('finance').organizationId)), areaId }),
    partner: as(staff('partner')),
    supervisor: as({ ...staff('supervisor'), areaId }),
    system,
    provider,
    now: clock,
    setClock: (instant) => {
      now = new Date(instant)
    },
    advance: (days) => {
      now = new Date(now.getTime() + days * 86_400_000)
    },
    settled: () => settled(db, clock),
    close: async () => {
      await jobs.close()
      await db.close()
      await remove()
    },
  }
}

async function openDatabase(rung: StageOptions['rung']) {
  if (rung === 'embedded') {
    const db = await openInMemory()
    await migrate(db)
    return { config: readConfig({}), db, remove: async () => {} }
  }
  const { environment, remove } = await createDeployment(rung)
  const config = readConfig(environment)
  return { config, db: await openDb(config, createLogger('error')), remove }
}

/** The demo's district without its programs: those are opened month by month. */
function sceneOf({ from, residents: count, seed }: StageOptions) {
  const district = from ? readTaipei(from, { district: DEFAULT_TAIPEI_DISTRICT }) : generateTown({ seed })
  const residents = drawResidents(district, { residents: count, seed })
  const scaled = scaleToSample(district, residents)
  return { key: 'three-months', district: scaled, residents, programs: [], period: MONTHS[0] }
}

async function staffOf({ db }: Context) {
  const rows = await db.root.select().from(principals)
  return (name: string): Actor => {
    const { id: principalId, organizationId, role } = rows.find((row) => row.name === name)!
    return { principalId, organizationId, role, areaId: null }
  }
}

async function hire(system: Context, organizationId: string): Promise<Actor> {
  const role = 'purchaser.finance' as const
  const { id } = await createPrincipal(system, { organizationId, role, name: 'treasurer' })
  return { principalId: id, organizationId, role, areaId: null }
}

function providersOf(system: Context, as: (actor: Actor) => Context) {
  const known = new Map<string, Context>()
  return async (organizationId: string): Promise<Context> => {
    const hired = known.get(organizationId)
    if (hired) return hired
    const { id } = await createPrincipal(system, { organizationId, role: 'provider', name: 'staff' })
    const ctx = as({ principalId: id, organizationId, role: 'provider', areaId: null })
    known.set(organizationId, ctx)
    return ctx
  }
}

/** Rows were written in the order of the drawn residents. */
async function peopleOf({ db }: Context, drawn: readonly DistrictResident[]): Promise<Stage['people']> {
  const rows = await db.root.select({ id: residentRows.id }).from(residentRows).orderBy(residentRows.id)
  return rows.map(({ id }, index) => ({ id, wants: drawn[index]! }))
}

async function settled(db: Db, clock: () => Date): Promise<void> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
    const { rows } = (await db.root.execute(sql`
      select count(*)::int as open, count(*) filter (where failed_at is not null)::int as failed from jobs
      where done_at is null and available_at <= ${clock().toISOString()}::timestamptz`)) as unknown as {
      rows: { open: number; failed: number }[]
    }
    const { open, failed } = rows[0]!
    if (failed > 0) throw new Error(`${failed} jobs were given up.`)
    if (open === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The jobs took too long.')
}

/** Whether a lot of so many in a hundred is drawn. */
export function chance({ random }: Stage, percent: number): boolean {
  return random.below(10_000) < percent * 100
}
