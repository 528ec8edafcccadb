/**
 * Kills the server (-9) in the middle of a match run and starts it again, at moments spread over the whole run:
 * the run must come to an end, every hold must belong to a match, and the book must reconcile.
 *
 *   npx tsx scripts/kill-run.ts [--times 10] [--rung embedded|postgres|postgres+redis] [--residents 2000]
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { sql } from 'drizzle-orm'
import { readConfig } from '../src/platform/config.ts'
import { openDb } from '../src/platform/db/open-db.ts'
import { createLogger } from '../src/platform/telemetry.ts'
import { createDeployment, type Deployment, type Rung, runCommand } from './deployment.ts'
import { readDemoVariables, startServer, stopServer } from './server.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    rung: { type: 'string', default: 'embedded' },
    residents: { type: 'string', default: '2000' },
  },
})
const times = Number(values.times)
const rung = values.rung as Rung

interface Run {
  id: string
  state: string
  failure: string | null
  progress: { phase: string }
  result: { matched: number; displaced: number } | null
}

const undisturbed = await round(null)
console.log(
  `${rung}: undisturbed, the run takes ${undisturbed.milliseconds} ms and makes ${undisturbed.matched} matches`,
)
let bad = 0
for (let time = 0; time < times; time++) {
  const { after, outcome } = await killedMidway(((time + 0.5) / times) * undisturbed.milliseconds)
  const { state, phase, matched, problems, milliseconds } = outcome
  const verdict = problems.length === 0 ? 'clean' : problems.join('; ')
  console.log(
    `${time + 1}: killed after ${after} ms (${phase}); ${state} with ${matched} matches ${milliseconds} ms after the restart; ${verdict}`,
  )
  bad += problems.length
}
console.log(
  bad === 0 ? `Killed ${times} times: every run came to its end, every book is clean.` : `${bad} problems.`,
)
process.exit(bad === 0 ? 0 : 1)

/** A kill after the run's end shows nothing: machines are not always equally fast, so it is tried again, earlier. */
async function killedMidway(wanted: number) {
  for (let after = Math.round(wanted); ; after = Math.round(after * 0.7)) {
    const outcome = await round(after)
    if (outcome.phase !== 'finished') return { after, outcome }
  }
}

/** One deployment, one run, at most one kill. */
async function round(killAfter: number | null) {
  const deployment = await createDeployment(rung)
  try {
    const load = await runCommand(deployment, [
      'demo',
      '--no-match',
      '--json',
      '--residents',
      values.residents,
    ])
    if (load.code !== 0) throw new Error('The demo could not be loaded.')
    const keys = readDemoVariables(deployment)
    let server = await startServer(deployment)
    const runId = await startRun(server.url, keys)
    let phase = 'undisturbed'
    if (killAfter !== null) {
      await sleep(killAfter)
      phase = (await readRun(server.url, keys, runId)).progress.phase
      server.process.kill('SIGKILL')
      await once(server.process, 'close')
      server = await startServer(deployment)
    }
    const started = performance.now()
    const run = await endOf(server.url, keys, runId)
    const milliseconds = Math.round(performance.now() - started)
    await stopServer(server)
    const problems = await problemsOf(deployment, run)
    return { state: run.state, phase, matched: run.result?.matched ?? 0, milliseconds, problems }
  } finally {
    await deployment.remove()
  }
}

async function startRun(url: string, keys: Record<string, string>): Promise<string> {
  const answer = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${keys.OFFICER_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ areaId: keys.AREA_ID, period: keys.PERIOD }),
  })
  if (answer.status !== 202) throw new Error(await answer.text())
  return ((await answer.json()) as Run).id
}

async function readRun(url: string, keys: Record<string, string>, id: string): Promise<Run> {
  const answer = await fetch(`${url}/v1/runs/${id}`, {
    headers: { Authorization: `Bearer ${keys.OFFICER_KEY}` },
  })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as Run
}

async function endOf(url: string, keys: Record<string, string>, id: string): Promise<Run> {
  for (let tries = 0; tries < 1200; tries++) {
    const run = await readRun(url, keys, id)
    if (run.state !== 'queued' && run.state !== 'running') return run
    await sleep(50)
  }
  throw new Error('The run did not end within a minute.')
}

/** Looks at the data themselves, with the server stopped. */
async function problemsOf(deployment: Deployment, run: Run): Promise<string[]> {
  const problems: string[] = []
  if (run.state !== 'proposed' && run.state !== 'failed') problems.push(`the run is ${run.state}`)
  const book = await runCommand(deployment, ['reconcile'])
  if (book.code !== 0) problems.push(`the book does not reconcile: ${book.output}`)
  const db = await openDb(readConfig(deployment.environment), createLogger('error'))
  try {
    const count = async (statement: string) => {
      const { rows } = (await db.root.execute(sql.raw(statement))) as unknown as { rows: { n: number }[] }
      return Number(rows[0]!.n)
    }
    const dangling = await count(
      `select count(*) as n from holds h where h.open > 0 and not exists (select 1 from matches m where m.id = h.bundle_id and m.state in ('proposed', 'approved'))`,
    )
    const unheld = await count(
      `select count(*) as n from matches m where m.state in ('proposed', 'approved') and not exists (select 1 from holds h where h.bundle_id = m.id)`,
    )
    const stuck = await count(`select count(*) as n from needs where state = 'in_run'`)
    const matches = await count(
      `select count(*) as n from matches where run_id = '${run.id}' and state = 'proposed'`,
    )
    if (dangling > 0) problems.push(`${dangling} holds without a match`)
    if (unheld > 0) problems.push(`${unheld} matches without holds`)
    if (stuck > 0) problems.push(`${stuck} needs left in the run`)
    if (run.result && matches !== run.result.matched - run.result.displaced)
      problems.push(`${matches} matches written`)
  } finally {
    await db.close()
  }
  return problems
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
