/** `lifecircle demo`: a district, its residents, a match under budgets and capacity, and who gets what and why. */
import { and, asc, eq, inArray } from 'drizzle-orm'
import { areas } from '../../features/communities/tables.ts'
import { SYSTEM } from '../../features/identity/permissions.ts'
import { organizations, principals } from '../../features/identity/tables.ts'
import { getRun } from '../../features/matching/get-run.ts'
import { type RunRow, startRun } from '../../features/matching/start-run.ts'
import { matchRuns } from '../../features/matching/tables.ts'
import { ensureDefaultPolicy } from '../../features/policies/ensure-default-policy.ts'
import { JOBS } from '../../jobs.ts'
import { type Context, createContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { startJobs } from '../../platform/jobs/run-jobs.ts'
import { periodAt } from '../../platform/period.ts'
import { type OpenedGround, withGround } from '../open-ground.ts'
import { writeDemoKeys } from './demo-keys.ts'
import type { District } from './district.ts'
import { loadDistrict, rootCode, type Scene } from './load-district.ts'
import { planPrograms } from './programs.ts'
import { createProgress, type Progress } from './progress.ts'
import { printReport } from './report.ts'
import { drawResidents } from './residents.ts'
import { scaleToSample } from './scale.ts'
import { writeQuarantine } from './source-report.ts'
import { DEFAULT_TAIPEI_DISTRICT, readTaipei } from './taipei/read-taipei.ts'
import { generateTown } from './town.ts'

export interface DemoOptions {
  from?: string
  district?: string
  city?: boolean
  residents: number
  seed: number
  rounds: number
  /** False: load the data, start no run. */
  match: boolean
  json?: boolean
}

/**
 * Runs the demo on the database of the settings. A second run with the same options finds its data again and shows
 * the run that is there.
 * @throws Refusal for options that do not go together, an unknown district, a currency that is not the district's.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const scene = createScene(options)
  await withGround(async (ground) => {
    refuseForeignCurrency(ground, scene.district)
    const ctx = createContext({ ...ground, actor: SYSTEM })
    const started = ctx.clock().getTime()
    const progress = createProgress(!options.json)
    await ensureDefaultPolicy(ctx)
    const { areaId, found } = await loadOrFind(ground, ctx, scene, progress)
    if (!options.match) return reportLoaded(ctx, ground, scene, areaId)
    const run = (await firstRun(ctx, areaId)) ?? (await match(ground, ctx, scene, areaId, options, progress))
    progress.close()
    const directory = ground.config.LIFECIRCLE_DATA_DIR
    const keysFile = await writeDemoKeys(ctx, directory, { key: scene.key, areaId, period: run.period })
    const quarantineFile = writeQuarantine(directory, scene.district)
    const seconds = (ctx.clock().getTime() - started) / 1000
    await printReport(ctx, {
      scene,
      run,
      found,
      seconds,
      rounds: options.rounds,
      keysFile,
      quarantineFile,
      json: options.json ?? false,
    })
  })
}

async function reportLoaded(
  ctx: Context,
  ground: OpenedGround,
  { key, district, residents }: Scene,
  areaId: string,
) {
  const directory = ground.config.LIFECIRCLE_DATA_DIR
  const keysFile = await writeDemoKeys(ctx, directory, { key, areaId, period: periodAt(ctx.clock()) })
  const offerings = district.offerings.length
  process.stdout.write(`${JSON.stringify({ offerings, residents: residents.length, areaId, keysFile })}\n`)
}

function createScene(options: DemoOptions): Scene {
  const district = readDistrict(options)
  refuseMoreThanThereAre(district, options.residents)
  const residents = drawResidents(district, options)
  const scaled = scaleToSample(district, residents)
  return {
    key: `${district.key}:${residents.length}:${options.seed}`,
    district: scaled,
    residents,
    programs: planPrograms(scaled, residents),
    period: '',
  }
}

function readDistrict({ from, district, city, seed }: DemoOptions): District {
  if (!from) {
    if (district || city)
      throw new Refusal('invalid_input', '--district and --city choose a part of the data of --from.')
    return generateTown({ seed })
  }
  if (district && city) throw new Refusal('invalid_input', 'Give either --district or --city.')
  try {
    return readTaipei(from, city ? {} : { district: district ?? DEFAULT_TAIPEI_DISTRICT })
  } catch (error) {
    throw new Refusal('invalid_input', (error as Error).message, { cause: error })
  }
}

/** The counts are people; to draw more of them than there are would be to invent some. */
function refuseMoreThanThereAre({ name, villages }: District, residents: number): void {
  const elderly = villages.reduce((sum, { population }) => sum + population.age65up, 0)
  if (residents <= elderly) return
  throw new Refusal(
    'invalid_input',
    `${name} has ${elderly.toLocaleString('en-US')} residents aged 65 and over: --residents can be that many at most.`,
  )
}

function refuseForeignCurrency(ground: OpenedGround, { currency }: District): void {
  if (ground.currency === currency) return
  throw new Refusal(
    'config_invalid',
    `The prices are in ${currency}, the deployment’s currency is ${ground.currency}: set LIFECIRCLE_CURRENCY=${currency}.`,
  )
}

async function loadOrFind(ground: OpenedGround, ctx: Context, scene: Scene, progress: Progress) {
  const [area] = await ctx.db.root
    .select()
    .from(areas)
    .where(eq(areas.code, rootCode(scene.key)))
  if (area) return { areaId: area.id, found: true }
  progress.say(
    `Loading ${scene.district.name}: ${scene.district.offerings.length} offerings, ${scene.residents.length} residents`,
  )
  scene.period = periodAt(ctx.clock())
  return { areaId: await loadDistrict(ground, scene), found: false }
}

/** The demo's own run: the first that came to a result; later ones match what it left over. */
async function firstRun(ctx: Context, areaId: string): Promise<RunRow | undefined> {
  const [run] = await ctx.db.root
    .select()
    .from(matchRuns)
    .where(and(eq(matchRuns.areaId, areaId), inArray(matchRuns.state, ['proposed', 'approved'])))
    .orderBy(asc(matchRuns.id))
    .limit(1)
  return run
}

async function match(
  ground: OpenedGround,
  ctx: Context,
  scene: Scene,
  areaId: string,
  { seed, rounds }: DemoOptions,
  progress: Progress,
): Promise<RunRow> {
  const jobs = await startJobs({ ...ground, definitions: JOBS })
  try {
    const officer = { ...ctx, actor: await officerOf(ctx, scene, areaId) }
    const period = scene.period || periodAt(ctx.clock())
    const run =
      (await runUnderWay(ctx, areaId)) ?? (await startRun(officer, { areaId, period, seed, rounds }))
    return await waitForRun(ctx, run.id, progress)
  } finally {
    await jobs.close()
  }
}

/** A run that an earlier, killed demo left: its job is in the outbox and goes on. */
async function runUnderWay(ctx: Context, areaId: string): Promise<RunRow | undefined> {
  const [run] = await ctx.db.root
    .select()
    .from(matchRuns)
    .where(and(eq(matchRuns.areaId, areaId), inArray(matchRuns.state, ['queued', 'running'])))
  return run
}

async function officerOf(ctx: Context, { key }: Scene, areaId: string) {
  const [officer] = await ctx.db.root
    .select({ principalId: principals.id, organizationId: principals.organizationId, role: principals.role })
    .from(principals)
    .innerJoin(organizations, eq(organizations.id, principals.organizationId))
    .where(and(eq(organizations.sourceRef, `${key}/purchaser`), eq(principals.role, 'purchaser.officer')))
  return { ...officer!, areaId }
}

async function waitForRun(ctx: Context, runId: string, progress: Progress): Promise<RunRow> {
  for (;;) {
    const run = await getRun(ctx, runId)
    progress.show(run)
    if (run.state === 'proposed' || run.state === 'approved') return run
    if (run.state !== 'queued' && run.state !== 'running') {
      throw new Refusal('state_conflict', `The run is ${run.state}: ${run.failure ?? 'no reason is known'}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
