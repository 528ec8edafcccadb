/**
 * Measures the engine: synthetic towns, the public assignment instances, and peers on the same problem in the same run.
 *
 *   npx tsx scripts/bench-engine.ts [--sizes 1000,10000] [--seeds 1] [--rounds 100] [--highs 0] [--gap <dir>] [--out <dir>]
 *
 * `--highs N` gives HiGHS N seconds on problems of up to 2,000 needs. Each problem runs in a process of its own, so that
 * its peak memory is its own. Writes bench.json and gap.svg to `--out`, prints a table.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { certify } from '../src/engine/certify.ts'
import { firstComeFirstServed } from '../src/engine/first-come.ts'
import { needCount, optionCount, type Problem } from '../src/engine/problem.ts'
import { type Solution, solve } from '../src/engine/solve.ts'
import { type GapInstance, readGapInstances } from './bench/gap-instances.ts'
import { gapPlot } from './bench/gap-plot.ts'
import { solveWithHighs } from './bench/highs.ts'
import { syntheticTown } from './bench/town.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000' },
    seeds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '100' },
    highs: { type: 'string', default: '0' },
    gap: { type: 'string' },
    out: { type: 'string' },
    /** Used by the script itself: measure one town and print one line of JSON. */
    one: { type: 'string' },
  },
})

interface Measured {
  needs: number
  seed: number
  options: number
  seconds: number
  value: number
  bound: number
  gap: number
  certified: boolean
  certifySeconds: number
  peakMemoryMb: number
  /** Share of the engine's value that a baseline reaches. */
  firstCome: number
  byPriority: number
  highs: { status: string; share: number | null; seconds: number } | null
  trace: { seconds: number; gap: number }[]
}

if (values.one) {
  const [needs, seed] = values.one.split(':').map(Number) as [number, number]
  process.stdout.write(JSON.stringify(await measureTown(needs, seed)))
} else {
  const towns = values.sizes
    .split(',')
    .flatMap((size) => values.seeds.split(',').map((seed) => inOwnProcess(`${size}:${seed}`)))
  printTowns(towns)
  const classic = values.gap ? measureGap(readGapInstances(values.gap)) : null
  if (classic)
    console.log(
      `${classic.instances} assignment instances: all items assigned in ${classic.complete}; mean cost ${classic.meanAbove.toFixed(2)} % above the optimum; ${classic.optimal} optimal; ${classic.seconds.toFixed(1)} s`,
    )
  if (values.out) {
    mkdirSync(values.out, { recursive: true })
    writeFileSync(join(values.out, 'bench.json'), `${JSON.stringify({ towns, classic }, null, 2)}\n`)
    const traces = towns.map(({ needs, seed, trace }) => ({
      label: `${needs} needs, seed ${seed}`,
      points: trace,
    }))
    writeFileSync(join(values.out, 'gap.svg'), gapPlot(traces))
  }
}

function inOwnProcess(one: string): Measured {
  const script = fileURLToPath(import.meta.url)
  const args = ['--import', 'tsx', script, '--one', one, '--rounds', values.rounds, '--highs', values.highs]
  const { stdout, status } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(`The measurement of ${one} failed.`)
  return JSON.parse(stdout.toString()) as Measured
}

async function measureTown(needs: number, seed: number): Promise<Measured> {
  const problem = syntheticTown({ needs, seed })
  const trace: Measured['trace'] = []
  const started = performance.now()
  // The dive builds its assignment from nothing, beside the one found before it: the best so far counts.
  let best = 0
  const solution = solve(problem, {
    rounds: Number(values.rounds),
    seed,
    onRound: ({ value, bound }) => {
      best = Math.max(best, value)
      if (best > 0) trace.push({ seconds: (performance.now() - started) / 1000, gap: (bound - best) / bound })
    },
  })
  const seconds = (performance.now() - started) / 1000
  const peakMemoryMb = process.resourceUsage().maxRSS / 1024
  const checked = performance.now()
  const certificate = certify(problem, solution)
  const certifySeconds = (performance.now() - checked) / 1000
  const { value, bound, gap } = solution
  const baseline = (order: Int32Array) => firstComeFirstServed(problem, order).value / value
  return {
    needs,
    seed,
    options: optionCount(problem),
    seconds,
    value,
    bound,
    gap,
    certified: certificate.ok,
    certifySeconds,
    peakMemoryMb,
    firstCome: baseline(Int32Array.from({ length: needs }, (_, need) => need)),
    byPriority: baseline(priorityOrder(problem)),
    highs: await peer(problem, solution),
    trace,
  }
}

/** The need whose best option is worth most comes first. */
function priorityOrder(problem: Problem): Int32Array {
  const best = (need: number) =>
    Math.max(0, ...problem.utilities.subarray(problem.needOptions[need]!, problem.needOptions[need + 1]!))
  const worth = Float64Array.from({ length: needCount(problem) }, (_, need) => best(need))
  return Int32Array.from(worth.keys()).sort((a, b) => worth[b]! - worth[a]! || a - b)
}

async function peer(problem: Problem, solution: Solution): Promise<Measured['highs']> {
  const limit = Number(values.highs)
  if (limit === 0 || needCount(problem) > 2000) return null
  const { status, value, seconds } = await solveWithHighs(problem, limit)
  return { status, share: value === null ? null : value / solution.value, seconds }
}

function printTowns(towns: Measured[]): void {
  const head = [
    'needs',
    'seed',
    'options',
    'seconds',
    'gap',
    'certified',
    'peak MB',
    'first come',
    'by priority',
    'HiGHS',
  ]
  const table = new Table({ head, style: { head: [], border: [] } })
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  for (const town of towns) {
    const { highs } = town
    table.push([
      town.needs,
      town.seed,
      town.options,
      town.seconds.toFixed(1),
      `${(town.gap * 100).toFixed(2)} %`,
      town.certified ? `yes, ${town.certifySeconds.toFixed(1)} s` : 'NO',
      town.peakMemoryMb.toFixed(0),
      percent(town.firstCome),
      percent(town.byPriority),
      highs
        ? `${highs.share === null ? highs.status : `${(highs.share * 100).toFixed(2)} %`}, ${highs.seconds.toFixed(0)} s`
        : '–',
    ])
  }
  console.log(`${table}\nfirst come, by priority, HiGHS: their value as a share of the engine's.`)
}

function measureGap(instances: GapInstance[]) {
  const started = performance.now()
  let complete = 0
  let optimal = 0
  let above = 0
  for (const { problem, items, perItem, optimum } of instances) {
    const { choice, value } = solve(problem, { rounds: Number(values.rounds) })
    if (choice.every((option) => option >= 0)) complete++
    const cost = items * perItem - value
    if (cost === optimum) optimal++
    above += cost / optimum - 1
  }
  const seconds = (performance.now() - started) / 1000
  return {
    instances: instances.length,
    complete,
    optimal,
    meanAbove: (above / instances.length) * 100,
    seconds,
  }
}
