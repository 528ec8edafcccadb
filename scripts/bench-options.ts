/**
 * Asks for the options of random needs in a synthetic city on PostgreSQL: through the verb, through the HTTP application
 * (key, validation, wire form and all), and by the same question in SQL, in turns in the same run. Per way: milliseconds
 * from question to answer, questions a second, and the processor time of this process and of the database's; and how many
 * times as many questions a second are answered as by SQL. Then books some of them through HTTP, one at a time.
 *
 *   npx tsx scripts/bench-options.ts [--offerings 100000] [--residents 100000] [--questions 2000] [--sql 400] [--bookings 400]
 *     [--seed 1] [--json figures.json]
 *
 * Uses TEST_DATABASE_URL (by default this machine's server), in a database of its own that is dropped at the end. Ends
 * with 1 where SQL finds other options, where p99 through HTTP is above ten milliseconds, or where SQL answers more than
 * a twentieth as many questions a second as the verb, which does the same work.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { createApp } from '../src/app.ts'
import { createRandom } from '../src/engine/random.ts'
import { SYSTEM } from '../src/features/identity/permissions.ts'
import { listOptions } from '../src/features/matching/instant/list-options.ts'
import { type Context, createContext } from '../src/platform/context.ts'
import { migrate } from '../src/platform/db/migrate.ts'
import { createPool, openPostgres } from '../src/platform/db/postgres.ts'
import { createLogger } from '../src/platform/telemetry.ts'
import { type BookedWay, bookSome } from './bench/options-booking.ts'
import { nothingSpent, quantile, type Spent, spend } from './bench/options-spent.ts'
import { prepareSql, type SqlQuestion } from './bench/options-sql.ts'
import { type City, fillCity, NOW, needIdOf } from './bench/options-world.ts'
import { createDeployment } from './deployment.ts'

const AIM_MS = 10
const AIM_RATIO = 20
/** Every way is asked a part of the questions in each turn, so that all see the same weather. */
const TURNS = 10
const AT_ONCE = 8
const SAMPLE = 100
const loadBefore = loadavg()[0]!

const { values } = parseArgs({
  options: {
    offerings: { type: 'string', default: '100000' },
    residents: { type: 'string', default: '100000' },
    questions: { type: 'string', default: '2000' },
    sql: { type: 'string', default: '400' },
    bookings: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
})
const size = { offerings: Number(values.offerings), residents: Number(values.residents) }
const [asked, askedSql, booked, seed] = [values.questions, values.sql, values.bookings, values.seed].map(
  Number,
) as [number, number, number, number]

type Ask = (needId: string) => Promise<unknown>
const WAYS = ['verb', 'HTTP', 'SQL'] as const
type Way = (typeof WAYS)[number]
interface Measured {
  way: Way
  atOnce: number
  spent: Spent
}

const deployment = await createDeployment('postgres')
const log = createLogger('error')
const url = deployment.environment.DATABASE_URL!
const db = await openPostgres(url, log)
const pool = createPool(url, log, { max: AT_ONCE })
try {
  await migrate(db)
  const ground = { db, log, encryptionKey: Buffer.alloc(32, 7), currency: 'TWD', clock: () => NOW }
  const city = await fillCity(createContext({ ...ground, actor: SYSTEM }), size)
  const sql = await prepareSql(pool)
  const ctx = createContext({ ...ground, actor: city.partner })
  const http = sender(ground, city)
  const overHttp = async (needId: string) => {
    const { status, text } = await http(`/v1/needs/${needId}/options`)
    if (status !== 200) throw new Error(text)
  }
  const ways = { verb: (id: string) => listOptions(ctx, id), HTTP: overHttp, SQL: sql.ask }
  const started = performance.now()
  await listOptions(ctx, needIdOf(1))
  const firstSeconds = (performance.now() - started) / 1000
  const differing = await differences(ctx, sql)
  const measured = await measure(ways)
  // Last, because bookings change the city.
  const desk = {
    pool,
    options: ways.verb,
    post: async (path: string, body: object, headers: Record<string, string>) =>
      (await http(path, { method: 'POST', body: JSON.stringify(body), headers })).status,
  }
  const bookings = await bookSome(desk, new Set(drawNeeds(20 * booked + 2000, seed + 3)), booked)
  report(sql, measured, bookings, { firstSeconds, differing })
} finally {
  await pool.end()
  await db.close()
  await deployment.remove()
}

function drawNeeds(count: number, seed: number): string[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => needIdOf(1 + random.below(size.residents)))
}

/** Requests to the application as the partner's app makes them. */
function sender(ground: Parameters<typeof createApp>[0], { key }: City) {
  const app = createApp(ground)
  const common = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async (path: string, request: { method?: string; body?: string; headers?: object } = {}) => {
    const answer = await app.request(path, { ...request, headers: { ...common, ...request.headers } })
    return { status: answer.status, text: await answer.text() }
  }
}

async function measure(ways: Record<Way, Ask>): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const atOnce of [1, AT_ONCE]) {
    for (const way of WAYS) measured.push({ way, atOnce, spent: nothingSpent() })
  }
  // Opens every connection, plans every statement and compiles what is hot.
  for (const { way, atOnce } of measured) {
    const few = drawNeeds(way === 'SQL' ? 80 : 400, seed + 1)
    await spend(nothingSpent(), pool, few, atOnce, ways[way])
  }
  const questions = drawNeeds(asked, seed)
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { way, atOnce, spent } of measured) {
      const many = (way === 'SQL' ? askedSql : asked) / TURNS
      const part = questions.slice(turn * (asked / TURNS)).slice(0, many)
      await spend(spent, pool, part, atOnce, ways[way])
    }
  }
  return measured
}

/** Needs for which SQL finds other offerings, another payer, another utility or another order. */
async function differences(ctx: Context, sql: SqlQuestion): Promise<string[]> {
  const found: string[] = []
  for (const needId of drawNeeds(SAMPLE, seed + 2)) {
    const { options } = await listOptions(ctx, needId)
    const ours = options.map(({ offering, program, utility }) => [offering.id, program?.id ?? null, utility])
    const theirs = await sql.ask(needId)
    const same = theirs.map(({ offeringId, programId, utility }) => [offeringId, programId, utility])
    if (JSON.stringify(ours) !== JSON.stringify(same)) found.push(needId)
  }
  return found
}

function report(
  sql: SqlQuestion,
  measured: Measured[],
  bookings: BookedWay[],
  { firstSeconds, differing }: { firstSeconds: number; differing: string[] },
): void {
  const figures = measured.map(({ way, atOnce, spent }) => ({ way, atOnce, ...figuresOf(spent) }))
  const table = new Table({
    head: [
      '',
      'at once',
      'p50 ms',
      'p99 ms',
      'a second',
      '× SQL',
      'own ms',
      'database ms',
      '× SQL, processors',
    ],
    style: { head: [], border: [] },
  })
  const ratios = figures.map(({ atOnce, perSecond, own, database }) => {
    const inSql = figures.find((one) => one.way === 'SQL' && one.atOnce === atOnce)!
    const isSeen = database !== null && inSql.database !== null
    return {
      perSecond: perSecond / inSql.perSecond,
      processors: isSeen ? (inSql.own + inSql.database!) / (own + database) : null,
    }
  })
  for (const [at, { way, atOnce, p50, p99, perSecond, own, database }] of figures.entries()) {
    const ratio = ratios[at]!
    const ms = (value: number | null) => value?.toFixed(2) ?? '?'
    const times = (value: number | null) => value?.toFixed(1) ?? '?'
    const shown = [ms(p50), ms(p99), perSecond.toFixed(0), times(ratio.perSecond)]
    table.push([way, atOnce, ...shown, ms(own), ms(database), times(ratio.processors)])
  }
  console.log(table.toString())
  const booking = reportBookings(bookings)
  console.log(`${size.offerings} offerings, ${size.residents} residents; SQL by ${sql.by}`)
  console.log(`the first question, which builds the index: ${firstSeconds.toFixed(1)} s`)
  const loadAfter = loadavg()[0]!
  console.log(
    `load of the machine: ${loadBefore.toFixed(1)} at the start, ${loadAfter.toFixed(1)} at the end`,
  )
  if (differing.length > 0) console.error(`SQL finds other options: ${differing.join(', ')}`)
  else console.log(`SQL finds the same options in the same order for ${SAMPLE} needs`)
  const { p99 } = figures.find(({ way, atOnce }) => way === 'HTTP' && atOnce === 1)!
  const ratio = Math.min(...ratios.filter((_, at) => figures[at]!.way === 'verb').map((one) => one.perSecond))
  if (differing.length > 0 || p99 > AIM_MS || ratio < AIM_RATIO) process.exitCode = 1
  const setting = { node: process.version, processor: cpus()[0]?.model, size, asked, askedSql, seed }
  const all = {
    setting,
    loadBefore,
    loadAfter,
    by: sql.by,
    firstSeconds,
    figures,
    ratios,
    booking,
    differing,
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`)
}

function reportBookings(bookings: readonly BookedWay[]) {
  const table = new Table({
    head: ['booking', 'p50 ms', 'p99 ms', 'own ms', 'database ms', 'refused'],
    style: { head: [], border: [] },
  })
  const figures = bookings.map(({ way, spent, refused }) => ({ way, ...figuresOf(spent), refused }))
  for (const { way, p50, p99, own, database, refused } of figures) {
    const shown = [p50, p99, own, database].map((value) => value?.toFixed(2) ?? '?')
    table.push([way, ...shown, refused])
  }
  console.log(table.toString())
  return figures
}

function figuresOf({ wall, elapsed, own, database }: Spent) {
  const count = wall.length
  return {
    p50: quantile(wall, 0.5),
    p99: quantile(wall, 0.99),
    perSecond: (1000 * count) / elapsed,
    own: own / count,
    database: database === null ? null : database / count,
  }
}
