/**
 * Measures the engine: synthetic towns beside baselines and peers on the same problems in the same run, warm restarts,
 * and classic families of instances.
 *
 *   npx tsx scripts/bench-engine.ts [--sizes 1000,10000] [--seeds 1] [--rounds 100] [--threads <processors>] [--seconds n]
 *     [--highs 0] [--peers-seconds 0] [--warm] [--gap <dir>] [--types] [--mmkp] [--only <text>] [--out <dir>]
 *
 * `--rounds` is one number, or one per size: `1000:400,10000:100,100000:30`. `--seconds` ends every run of the engine;
 * without it, all figures but times and memory come out the same again. `--highs` and `--peers-seconds` give HiGHS, and
 * each of glpsol and cbc, so many seconds on towns of up to 2,000 needs. `--warm` solves every town again after 2 % of
 * its capacities and 1 % of its wallets have changed. `--gap` reads public assignment instances, `--types` and `--mmkp`
 * generate theirs; `--only` takes those whose name contains the text. `--sizes none` leaves the towns out.
 *
 * Every town runs in a process of its own, so that its peak memory is its own; per option, it is counted beyond that of
 * a process that solves a town without needs. Prints tables and writes bench.json, gap.svg and growth.svg to `--out`. Everything
 * is certified; ends with 1 where a certificate is refused or a measurement fails, with 2 on a wrong argument.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MeasuredInstance, measureFamilies, summarize } from './bench/families.ts'
import { growthOf, medians, perOption, type TownFigures } from './bench/figures.ts'
import { gapPlot } from './bench/gap-plot.ts'
import { growthPlot } from './bench/growth-plot.ts'
import { type MeasuredTown, measureEmptyProcess, measureTown } from './bench/measured-town.ts'
import { inOwnProcess, type Job, jobOf } from './bench/own-process.ts'
import { type BenchPlan, readPlan, WrongArgument } from './bench/plan.ts'
import { familyTable, growthLines, peerTable, townTable, warmTable } from './bench/tables.ts'
import { type MeasuredWarm, measureWarm } from './bench/warm.ts'

const SCRIPT = fileURLToPath(import.meta.url)

const plan = planOrEnd()
if (plan.one === undefined) measureAll(plan)
else process.stdout.write(JSON.stringify(await measureOne(jobOf(plan.one), plan)))

function planOrEnd(): BenchPlan {
  try {
    return readPlan(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error
    console.error(error.message)
    process.exit(2)
  }
}

/** What a process of its own does. */
function measureOne({ what, needs, seed }: Job, plan: BenchPlan): unknown {
  if (what === 'empty') return measureEmptyProcess(plan)
  return what === 'town' ? measureTown(needs, seed, plan) : measureWarm(needs, seed, plan)
}

function measureAll(plan: BenchPlan): void {
  const { towns, emptyMb } = measureTowns(plan)
  const warm = plan.warm ? measureEach<MeasuredWarm>('warm', plan) : []
  const instances = measureFamilies(plan, ({ name, seconds, gapPercent, complete }) =>
    progress(
      `${name}: ${complete ? `gap ${gapPercent.toFixed(3)} %` : 'not complete'}, ${seconds.toFixed(1)} s`,
    ),
  )
  const [rows, families] = [medians(towns), summarize(instances)]
  const growth = growthOf(rows)
  if (towns.length > 0) console.log(`${townTable(towns, rows, emptyMb)}\n${peerTable(towns)}`)
  if (growth) console.log(growthLines(growth))
  if (warm.length > 0) console.log(warmTable(warm))
  if (families.length > 0) console.log(familyTable(families))
  refuse([...towns, ...warm, ...instances])
  if (plan.out === undefined) return
  const report = { setting: setting(plan), emptyMb, towns, medians: rows, growth, warm, families, instances }
  mkdirSync(plan.out, { recursive: true })
  writeFileSync(join(plan.out, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`)
  if (towns.length === 0) return
  writeFileSync(join(plan.out, 'gap.svg'), gapPlot(towns))
  writeFileSync(join(plan.out, 'growth.svg'), growthPlot(towns))
}

function measureTowns(plan: BenchPlan): { towns: TownFigures[]; emptyMb: number } {
  const emptyMb = plan.sizes.length > 0 ? attempt<number>({ what: 'empty', needs: 0, seed: 1 }) : null
  // Without it, nothing per option could be said.
  if (emptyMb === null) return { towns: [], emptyMb: 0 }
  const towns = measureEach<MeasuredTown>('town', plan)
  return { towns: towns.map((town) => perOption(town, emptyMb)), emptyMb }
}

function measureEach<Measured>(what: Job['what'], { sizes, seeds }: BenchPlan): Measured[] {
  return sizes.flatMap((needs) =>
    seeds.flatMap((seed) => {
      progress(`${what} of ${needs.toLocaleString('en')} needs, seed ${seed}`)
      const measured = attempt<Measured>({ what, needs, seed })
      return measured === null ? [] : [measured]
    }),
  )
}

/** What fails does not keep the rest from being measured. */
function attempt<Measured>(job: Job): Measured | null {
  const measured = inOwnProcess<Measured>(SCRIPT, job)
  if (measured === null) process.exitCode = 1
  return measured
}

/** A bound or value that is not proved spoils the whole report. */
function refuse(measured: readonly (MeasuredTown | MeasuredWarm | MeasuredInstance)[]): void {
  for (const one of measured) {
    if (one.certified) continue
    const name = 'name' in one ? one.name : `${one.needs.toLocaleString('en')} needs, seed ${one.seed}`
    console.error(`The certificate of ${name} is refused: ${one.refusal}`)
    process.exitCode = 1
  }
}

/** Runs take minutes; standard output is for the tables. */
function progress(text: string): void {
  console.error(text)
}

/** What it takes to measure the same again. */
function setting({ threads }: BenchPlan) {
  const processor = cpus()[0]?.model ?? 'unknown'
  return {
    arguments: process.argv.slice(2),
    threads,
    node: process.version,
    processor,
    processors: availableParallelism(),
  }
}
