/**
 * Searches a synthetic city on PostgreSQL: through the verb, through the HTTP application, and by the same questions
 * in SQL, side by side, one after the other. Per kind of question: this process's own milliseconds, those from
 * question to answer, and how many times as many questions a second the index answers as SQL does.
 *
 *   npx tsx scripts/bench-search.ts [--offerings 100000] [--questions 1200] [--sql 120] [--seed 1] [--json figures.json]
 *
 * Uses TEST_DATABASE_URL (by default this machine's server), in a database of its own that is dropped at the end. Ends
 * with 1 where SQL counts other results than the index, or p99 through the verb is above ten milliseconds.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Table from 'cli-table3'
import { createApp } from '../src/app.ts'
import { withdrawOffering } from '../src/features/catalog/withdraw-offering.ts'
import { createOrganization } from '../src/features/identity/create-organization.ts'
import { createPrincipal } from '../src/features/identity/create-principal.ts'
import { issueKey } from '../src/features/identity/issue-key.ts'
import { SYSTEM } from '../src/features/identity/permissions.ts'
import { ensureDefaultPolicy } from '../src/features/policies/ensure-default-policy.ts'
import { freshIndex } from '../src/features/search/offering-index.ts'
import { searchOfferings } from '../src/features/search/search-offerings.ts'
import { type Context, createContext } from '../src/platform/context.ts'
import { migrate } from '../src/platform/db/migrate.ts'
import { openPostgres } from '../src/platform/db/postgres.ts'
import { createLogger } from '../src/platform/telemetry.ts'
import { fillCity } from './bench/search-catalog.ts'
import { drawQuestions, type Question } from './bench/search-questions.ts'
import { askSql, type SqlAnswer } from './bench/search-sql.ts'
import { createDeployment } from './deployment.ts'

const AIM_MS = 10
const loadBefore = loadavg()[0]!

const { values } = parseArgs({
  options: {
    offerings: { type: 'string', default: '100000' },
    questions: { type: 'string', default: '1200' },
    sql: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
})
const [offerings, asked, askedSql, seed] = [values.offerings, values.questions, values.sql, values.seed].map(
  Number,
) as [number, number, number, number]

interface Spent {
  /** Milliseconds from question to answer. */
  wall: number[]
  /** Of them, this process's own: on a busy machine the figure to compare. */
  cpu: number
}
type Times = Map<string, Spent>

const deployment = await createDeployment('postgres')
const log = createLogger('error')
const db = await openPostgres(deployment.environment.DATABASE_URL!, log)
try {
  await migrate(db)
  const ground = { db, log, encryptionKey: Buffer.alloc(32, 7), currency: 'TWD' }
  const ctx = createContext({ ...ground, actor: SYSTEM })
  await ensureDefaultPolicy(ctx)
  await fillCity(db, offerings)
  const built = await buildIndex(ctx)
  const questions = drawQuestions(asked, seed)
  await timed(drawQuestions(240, seed + 1), ({ question }) => searchOfferings(ctx, question))
  const verb = await timed(questions, ({ question }) => searchOfferings(ctx, question))
  const http = await timed(questions.slice(0, asked / 2), await overHttp(ctx))
  const few = questions.slice(0, askedSql)
  await timed(few.slice(0, 12), ({ question }) => askSql(db, question))
  const answers = new Map<Question, SqlAnswer>()
  const inSql = await timed(few, async (one) => answers.set(one, await askSql(db, one.question)))
  const differing = await differences(ctx, answers)
  const changed = await afterChanges(ctx, questions)
  report(built, { verb, http, sql: inSql }, changed, differing)
} finally {
  await db.close()
  await deployment.remove()
}

/** Seconds, memory and the longest time that other requests had to wait. */
async function buildIndex(ctx: Context) {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  const before = memory()
  const started = performance.now()
  delay.enable()
  await freshIndex(ctx)
  delay.disable()
  return {
    seconds: (performance.now() - started) / 1000,
    memoryMb: (memory() - before) / 2 ** 20,
    longestBlockMs: delay.max / 1e6,
  }
}

function memory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function timed(questions: readonly Question[], ask: (question: Question) => Promise<unknown>) {
  const times: Times = new Map()
  for (const question of questions) {
    const [started, before] = [performance.now(), process.cpuUsage()]
    await ask(question)
    const wall = performance.now() - started
    const { user, system } = process.cpuUsage(before)
    for (const kind of [question.kind, 'all']) {
      const spent = times.get(kind) ?? { wall: [], cpu: 0 }
      times.set(kind, spent)
      spent.wall.push(wall)
      spent.cpu += (user + system) / 1000
    }
  }
  return times
}

/** Through the application, as a partner: key, validation, wire form and all. */
async function overHttp(ctx: Context) {
  const { id: organizationId } = await createOrganization(ctx, { kind: 'partner', name: 'App' })
  const { id: principalId } = await createPrincipal(ctx, { organizationId, role: 'partner', name: 'App' })
  const { key } = await issueKey(ctx, { principalId })
  const app = createApp({ db: ctx.db, log, encryptionKey: ctx.encryptionKey, currency: ctx.currency })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async ({ question }: Question) => {
    const answer = await app.request('/v1/offerings/search', {
      method: 'POST',
      headers,
      body: JSON.stringify(question),
    })
    if (answer.status !== 200) throw new Error(await answer.text())
    await answer.text()
  }
}

/** Questions without words, where SQL finds something else: those with words it answers differently by design. */
async function differences(ctx: Context, answers: ReadonlyMap<Question, SqlAnswer>): Promise<string[]> {
  const found: string[] = []
  for (const [{ kind, question }, theirs] of answers) {
    if (question.q) continue
    const ours = await searchOfferings(ctx, question)
    const ids = ours.items.map(({ id }) => id)
    if (ours.total !== theirs.total || ids.join() !== theirs.ids.join()) found.push(kind)
  }
  return found
}

/** What a question costs right after a change, with everything that takes the change in. */
async function afterChanges(ctx: Context, questions: readonly Question[]): Promise<number[]> {
  const { items } = await searchOfferings(ctx, { state: 'published', limit: 200 })
  const times: number[] = []
  for (const [at, { id, version }] of items.entries()) {
    await withdrawOffering(ctx, { offeringId: id, version })
    const started = performance.now()
    await searchOfferings(ctx, questions[at % questions.length]!.question)
    times.push(performance.now() - started)
  }
  return times
}

function mean(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0) / times.length
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

function report(
  built: Awaited<ReturnType<typeof buildIndex>>,
  times: Record<'verb' | 'http' | 'sql', Times>,
  changed: number[],
  differing: string[],
): void {
  const kinds = [...times.verb.keys()].sort((one, other) => Number(one === 'all') - Number(other === 'all'))
  const figures = kinds.map((kind) => {
    const of = (name: keyof typeof times, share: number) => quantile(times[name].get(kind)?.wall ?? [], share)
    const [verb, http, inSql] = (['verb', 'http', 'sql'] as const).map((name) => ({
      p50: of(name, 0.5),
      p99: of(name, 0.99),
    }))
    const { cpu, wall } = times.verb.get(kind)!
    const perQuestion = (name: keyof typeof times) => mean(times[name].get(kind)?.wall ?? [])
    const ratio = perQuestion('sql') / perQuestion('verb')
    return { kind, verb: { ...verb!, cpu: cpu / wall.length }, http: http!, sql: inSql!, ratio }
  })
  const ms = (value: number) => value.toFixed(2)
  const head = [
    'ms',
    'verb CPU',
    'verb p50',
    'p99',
    'HTTP p50',
    'p99',
    'SQL p50',
    'p99',
    'verb ÷ SQL, per second',
  ]
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const { kind, verb, http, sql, ratio } of figures) {
    const cells = [verb, http, sql].flatMap(({ p50, p99 }) => [ms(p50), ms(p99)])
    table.push([kind, ms(verb.cpu), ...cells, ratio.toFixed(1)])
  }
  console.log(table.toString())
  const { seconds, memoryMb, longestBlockMs } = built
  console.log(
    `${offerings} offerings; index built in ${seconds.toFixed(1)} s, ${memoryMb.toFixed(0)} MB, longest block ${longestBlockMs.toFixed(0)} ms`,
  )
  console.log(
    `load of the machine: ${loadBefore.toFixed(1)} at the start, ${loadavg()[0]!.toFixed(1)} at the end`,
  )
  const afterChange = { p50: quantile(changed, 0.5), p99: quantile(changed, 0.99) }
  console.log(`right after a change: p50 ${ms(afterChange.p50)} ms, p99 ${ms(afterChange.p99)} ms`)
  if (differing.length > 0) console.error(`SQL finds something else: ${differing.join(', ')}`)
  const p99 = figures.at(-1)!.verb.p99
  if (differing.length > 0 || p99 > AIM_MS) process.exitCode = 1
  const setting = { node: process.version, processor: cpus()[0]?.model, questions: asked, seed, loadBefore }
  const all = { setting, offerings, built, figures, afterChange, differing }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`)
}
