/**
 * Measures the import of a synthetic HSDS data package on PostgreSQL, beside plain COPY of the very same rows.
 *
 *   npx tsx scripts/bench-import.ts [--services 40000] [--seed 1] [--plain] [--out <file>]
 *
 * A database of its own is made on TEST_DATABASE_URL and dropped again. Three imports, each in a process of its own, so
 * that its peak memory is its own: of all rows, of the same rows again, and with 1 % of the services revised. COPY gets
 * the rows that the import wrote, into a table with the same columns and no index. `--plain`: services without what
 * matching needs, so that no offerings are made. Prints a table and, on the last line, JSON with the machine's load
 * before and after; ends with 1 where an import doesn't come to what it must. Some two minutes by default.
 */
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import postgres from 'postgres'
import { writePackage } from './bench/feed-package.ts'
import { type MeasuredImport, measureImport } from './bench/measured-import.ts'
import { createDeployment, type Deployment } from './deployment.ts'

const SCRIPT = fileURLToPath(import.meta.url)
const { values: given } = parseArgs({
  options: {
    services: { type: 'string', default: '40000' },
    seed: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    out: { type: 'string' },
    one: { type: 'string' },
  },
})

if (given.one === undefined) await measureAll()
else process.stdout.write(JSON.stringify(await measureImport(given.one)))

async function measureAll(): Promise<void> {
  const services = Number(given.services)
  const before = loadavg()[0]!
  const directory = await mkdtemp(join(tmpdir(), 'lifecircle-bench-'))
  const deployment = await createDeployment('postgres')
  try {
    const first = await packageIn(join(directory, 'feed'), services, 0)
    const revised = await packageIn(join(directory, 'revised', 'feed'), services, Math.ceil(services / 100))
    console.error(`${first.rows} rows, ${first.megabytes.toFixed(1)} MB`)
    const imports = []
    for (const [name, path] of [
      ['all new', first.path],
      ['the same again', first.path],
      ['1 % of services revised', revised.path],
    ] as const) {
      imports.push({ name, ...(await inOwnProcess(path, deployment)) })
      console.error(`${name}: ${imports.at(-1)!.seconds.toFixed(1)} s`)
    }
    const copy = await measureCopy(deployment.environment.DATABASE_URL!, join(directory, 'rows'))
    const { rows, megabytes } = first
    report({ services, rows, megabytes, load: [before, loadavg()[0]!], imports, copy })
  } finally {
    await deployment.remove()
    await rm(directory, { recursive: true })
  }
}

async function packageIn(path: string, services: number, revised: number) {
  mkdirSync(path, { recursive: true })
  const { rows, bytes } = await writePackage(path, services, {
    seed: Number(given.seed),
    revised,
    matchable: !given.plain,
  })
  return { path, rows, megabytes: bytes / 1e6 }
}

async function inOwnProcess(path: string, deployment: Deployment): Promise<MeasuredImport> {
  const child = spawn(process.execPath, [...process.execArgv, SCRIPT, '--one', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...deployment.environment },
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`The import of ${path} ended with ${code}.`)
  return JSON.parse(said) as MeasuredImport
}

/** Seconds that COPY takes for the rows of the directory, from a file into a table without indexes. */
async function measureCopy(
  url: string,
  file: string,
): Promise<{ rows: number; seconds: number; megabytes: number }> {
  // A connection each: postgres.js 3.4 keeps waiting on one that has copied out.
  await withConnection(url, async (sql) => {
    await sql.unsafe('create table copied (like directory_records)')
    await pipeline(await sql.unsafe('copy directory_records to stdout').readable(), createWriteStream(file))
  })
  return withConnection(url, async (sql) => {
    const start = performance.now()
    await pipeline(createReadStream(file), await sql.unsafe('copy copied from stdin').writable())
    const seconds = (performance.now() - start) / 1000
    const [counted] = await sql.unsafe<{ rows: number }[]>('select count(*)::int as rows from copied')
    return { rows: counted!.rows, seconds, megabytes: statSync(file).size / 1e6 }
  })
}

type Connection = ReturnType<typeof postgres>

async function withConnection<T>(url: string, work: (sql: Connection) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

interface Measured {
  services: number
  rows: number
  megabytes: number
  /** Processes that wanted a processor, of the last minute, before and after. */
  load: [number, number]
  imports: (MeasuredImport & { name: string })[]
  copy: { rows: number; seconds: number; megabytes: number }
}

function report(measured: Measured): void {
  const { copy, rows } = measured
  const copied = copy.rows / copy.seconds
  const imports = measured.imports.map((one) => {
    const rowsPerSecond = Math.round(rows / one.seconds)
    return { ...one, rowsPerSecond, timesCopy: Number((copied / rowsPerSecond).toFixed(1)) }
  })
  const table = new Table({
    head: ['', 's', 'reading', 'applying', 'rows/s', '÷ COPY', 'peak MB', 'created', 'updated', 'unchanged'],
    style: { head: [], border: [] },
  })
  for (const { name, seconds, readingSeconds, peakMb, total, rowsPerSecond, timesCopy } of imports) {
    const times = [seconds, readingSeconds, seconds - readingSeconds].map((time) => time.toFixed(1))
    const { created, updated, unchanged } = total
    table.push([name, ...times, rowsPerSecond, timesCopy, peakMb, created, updated, unchanged])
  }
  const times = [copy.seconds.toFixed(1), '', '']
  table.push(['COPY, no index', ...times, Math.round(copied), 1, '', copy.rows, '', ''])
  console.log(table.toString())
  const json = JSON.stringify({ ...measured, imports, copyRowsPerSecond: Math.round(copied) })
  if (given.out) writeFileSync(given.out, `${json}\n`)
  console.log(json)
  if (!isRight(measured)) process.exitCode = 1
}

function isRight({ imports: [first, second, third], rows, services }: Measured): boolean {
  const revised = Math.ceil(services / 100)
  const right =
    first?.total.created === rows && second?.total.unchanged === rows && third?.total.updated === revised
  if (!right) console.error('An import did not come to what it must.')
  return right
}
