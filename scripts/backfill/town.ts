/** A demo town whose run is approved and whose offers are open: what declines begin with. */
import { eq } from 'drizzle-orm'
import type { DistrictResident } from '../../src/cli/demo/district.ts'
import { loadDistrict } from '../../src/cli/demo/load-district.ts'
import { planPrograms } from '../../src/cli/demo/programs.ts'
import { drawResidents } from '../../src/cli/demo/residents.ts'
import { scaleToSample } from '../../src/cli/demo/scale.ts'
import { generateTown } from '../../src/cli/demo/town.ts'
import { createRandom } from '../../src/engine/random.ts'
import { SYSTEM } from '../../src/features/identity/permissions.ts'
import type { Role } from '../../src/features/identity/schemas.ts'
import { principals } from '../../src/features/identity/tables.ts'
import { getRun } from '../../src/features/matching/get-run.ts'
import { type RunRow, startRun } from '../../src/features/matching/start-run.ts'
import { ensureDefaultPolicy } from '../../src/features/policies/ensure-default-policy.ts'
import { openReferrals } from '../../src/features/referrals/open-referrals.ts'
import type { Priority } from '../../src/features/residents/schemas.ts'
import { approveRun } from '../../src/features/review/approve-run.ts'
import { JOBS } from '../../src/jobs.ts'
import { readConfig } from '../../src/platform/config.ts'
import { type Actor, type Context, createContext } from '../../src/platform/context.ts'
import { openInMemory } from '../../src/platform/db/embedded.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { openDb } from '../../src/platform/db/open-db.ts'
import { startJobs } from '../../src/platform/jobs/run-jobs.ts'
import { createLogger } from '../../src/platform/telemetry.ts'
import { createDeployment } from '../deployment.ts'

export const PERIOD = '2026-12'
const NOW = new Date('2026-12-01T08:00:00Z')
const TIMEOUT_MS = 600_000

export interface TownOptions {
  rung: 'embedded' | 'postgres'
  residents: number
  seed: number
  rounds: number
}

export interface ApprovedTown {
  run: RunRow
  /** A context that sets off no jobs: what follows from a decline is done by whoever looks on. */
  as(actor?: Actor): Context
  partner: Actor
  close(): Promise<void>
}

/** Loads the town into a database of its own, matches it, approves all and opens the offers. */
export async function openApprovedTown(options: TownOptions): Promise<ApprovedTown> {
  const log = createLogger('error')
  const { config, db, remove } = await openDatabase(options.rung)
  const encryptionKey = Buffer.alloc(32, 1)
  const ground = { db, log, encryptionKey, currency: 'TWD', clock: () => NOW }
  const as = (actor = SYSTEM) => createContext({ ...ground, actor })
  const close = async () => {
    await db.close()
    await remove()
  }
  await ensureDefaultPolicy(as())
  const areaId = await loadDistrict({ ...ground, reactions: new Map() }, sceneOf(options))
  const actorOf = async (role: Role) => ({ ...(await hired(as(), role)), areaId })
  const { seed, rounds } = options
  const { id } = await startRun(as(await actorOf('purchaser.officer')), {
    areaId,
    period: PERIOD,
    seed,
    rounds,
  })
  const jobs = await startJobs({ ...ground, config, definitions: JOBS })
  const run = await proposed(as(), id)
  await jobs.close()
  const finance = as(await actorOf('purchaser.finance'))
  await approveRun(finance, { runId: id, expectedVersion: run.version })
  await openReferrals(finance, id)
  const partner = { ...(await hired(as(), 'partner')), areaId: null }
  return { run, as, partner, close }
}

async function openDatabase(rung: TownOptions['rung']) {
  if (rung === 'embedded') {
    const db = await openInMemory()
    await migrate(db)
    return { config: readConfig({}), db, remove: async () => {} }
  }
  const { environment, remove } = await createDeployment(rung)
  const config = readConfig(environment)
  return { config, db: await openDb(config, createLogger('error')), remove }
}

function sceneOf({ residents: count, seed }: TownOptions) {
  const district = generateTown({ seed })
  const residents = prioritized(drawResidents(district, { residents: count, seed }), seed)
  const scaled = scaleToSample(district, residents)
  return {
    key: 'backfill',
    district: scaled,
    residents,
    programs: planPrograms(scaled, residents),
    period: PERIOD,
  }
}

/** One need in twenty is urgent, two are of high and three of medium priority. */
function prioritized(residents: readonly DistrictResident[], seed: number): DistrictResident[] {
  const random = createRandom(seed)
  const draw = (): Priority => {
    const lot = random.below(20)
    if (lot === 0) return 'urgent'
    return lot < 3 ? 'high' : lot < 6 ? 'medium' : 'standard'
  }
  return residents.map((one) => ({ ...one, needs: one.needs.map((need) => ({ ...need, priority: draw() })) }))
}

async function hired({ db }: Context, role: Role) {
  const [one] = await db.root
    .select({ principalId: principals.id, organizationId: principals.organizationId, role: principals.role })
    .from(principals)
    .where(eq(principals.role, role))
  return one!
}

async function proposed(ctx: Context, id: string): Promise<RunRow> {
  for (const end = Date.now() + TIMEOUT_MS; Date.now() < end; ) {
    const run = await getRun(ctx, id)
    if (run.state === 'proposed') return run
    if (run.state !== 'queued' && run.state !== 'running')
      throw new Error(`The run is ${run.state}: ${run.failure}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The run took too long.')
}
