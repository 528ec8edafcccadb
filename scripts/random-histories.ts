/**
 * Plays random histories of the whole lifecycle against a small reference model: programs, runs, review, referrals,
 * deliveries, disputes, settlements, by the right people and by the wrong ones, broken off before any statement. After
 * each step what the database holds must be what the model says: no account out of balance, no illegal move, no duty held
 * twice, no cent made or lost.
 *
 *   npx tsx scripts/random-histories.ts [--histories 10000] [--steps 100] [--seed 1] [--processes 2]
 *     [--postgres] [--everywhere] [--report file]
 *
 * One step in twelve is broken off before one of its first statements; with `--everywhere` each is, before every one of
 * them, one after the other.
 *
 * Every process has a database of its own, in memory or on PostgreSQL (TEST_DATABASE_URL), a fresh one every 200 histories, whose books must reconcile before
 * it goes. Prints a report as JSON, with what repeats each difference, and ends with 1 where there is one.
 */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { DATABASE_URL } from './deployment.ts'
import { emptyTally, type Tally } from './histories/history.ts'
import { type Played, playHistories } from './histories/play-histories.ts'

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    steps: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(Math.min(2, cpus().length)) },
    report: { type: 'string' },
    postgres: { type: 'boolean', default: false },
    first: { type: 'string', default: '0' },
    everywhere: { type: 'boolean', default: false },
    part: { type: 'boolean', default: false },
  },
})
const flags = (['postgres', 'everywhere'] as const).filter((flag) => values[flag]).map((flag) => `--${flag}`)
const wanted = {
  histories: Number(values.histories),
  steps: Number(values.steps),
  seed: Number(values.seed),
  first: Number(values.first),
  postgres: values.postgres ? DATABASE_URL : undefined,
  everywhere: values.everywhere,
}

if (values.part) process.send!(await playHistories(wanted, (done) => process.send!({ done })))
else report(await playInProcesses(Number(values.processes)))

async function playInProcesses(processes: number): Promise<Played[]> {
  const share = Math.ceil(wanted.histories / processes)
  const done = new Map<number, number>()
  return Promise.all(
    Array.from({ length: processes }, (_, part) => {
      const first = wanted.first + part * share
      const histories = Math.min(share, wanted.first + wanted.histories - first)
      return playPart({ first, histories }, (count) => {
        done.set(part, count)
        const total = [...done.values()].reduce((sum, one) => sum + one, 0)
        if (process.stderr.isTTY || total % 500 === 0)
          process.stderr.write(`\r${total} of ${wanted.histories}`)
      })
    }),
  )
}

function playPart(
  part: { first: number; histories: number },
  onDone: (count: number) => void,
): Promise<Played> {
  const args = [
    '--part',
    '--first',
    part.first,
    '--histories',
    part.histories,
    '--steps',
    wanted.steps,
    '--seed',
    wanted.seed,
    ...flags,
  ]
  return new Promise((resolve, reject) => {
    const child = fork(new URL(import.meta.url), args.map(String), { execArgv: process.execArgv })
    let played: Played | null = null
    child.on('message', (message: Played | { done: number }) => {
      if ('done' in message) onDone(message.done)
      else played = message
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (played) resolve(played)
      else reject(new Error(`A process ended with ${code} before its report.`))
    })
  })
}

function report(parts: Played[]): void {
  const tally = parts.map(({ tally }) => tally).reduce(added, emptyTally())
  const failures = parts.flatMap(({ failures }) => failures)
  const sum = (of: (played: Played) => number) => parts.reduce((total, part) => total + of(part), 0)
  const sizes = (['histories', 'steps', 'seed', 'first'] as const).map((name) => `--${name} ${wanted[name]}`)
  const text = JSON.stringify(
    {
      command: ['npx tsx scripts/random-histories.ts', ...sizes, ...flags].join(' '),
      histories: sum(({ histories }) => histories),
      ...tally,
      by: Object.fromEntries(Object.entries(tally.by).sort(([a], [b]) => (a < b ? -1 : 1))),
      transfersReconciled: sum(({ transfers }) => transfers),
      settledMinorUnits: sum(({ settled }) => settled),
      minutes: Math.round(Math.max(...parts.map(({ seconds }) => seconds)) / 6) / 10,
      failures,
    },
    null,
    2,
  )
  console.log(text)
  if (values.report) writeFileSync(values.report, `${text}\n`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

function added(one: Tally, other: Tally): Tally {
  const by = { ...one.by }
  for (const [name, count] of Object.entries(other.by)) by[name] = (by[name] ?? 0) + count
  return {
    steps: one.steps + other.steps,
    done: one.done + other.done,
    refused: one.refused + other.refused,
    crashed: one.crashed + other.crashed,
    by,
  }
}
