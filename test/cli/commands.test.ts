/** The command line as people meet it: what goes well, and what is refused with one sentence and an exit code. */

import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { openEmbedded } from '../../src/platform/db/embedded.ts'
import { outcome, startProcess } from '../support/processes.ts'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url)
const TAIPEI = new URL('../../../shared/data/taipei-ltc', import.meta.url).pathname

const made: string[] = []
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

/** A path under which nothing exists yet. */
function freshDir(): string {
  const parent = mkdtempSync(join(tmpdir(), 'lifecircle-cli-'))
  made.push(parent)
  return join(parent, 'data')
}

function start(args: string[], settings: Record<string, string>) {
  return startProcess(MAIN, args, { DATABASE_URL: '', REDIS_URL: '', LOG_LEVEL: 'error', ...settings })
}

function run(args: string[], settings: Record<string, string> = { LIFECIRCLE_DATA_DIR: freshDir() }) {
  return outcome(start(args, settings))
}

async function idOfRun(directory: string): Promise<string> {
  const db = await openEmbedded(directory)
  const { rows } = (await db.root.execute(sql`select id from match_runs`)) as unknown as {
    rows: { id: string }[]
  }
  await db.close()
  return rows[0]!.id
}

/** A run that somebody starts after the demo's own, over what it left. */
async function addLaterRun(directory: string): Promise<void> {
  const db = await openEmbedded(directory)
  await db.root.execute(sql`
    insert into match_runs select (jsonb_populate_record(run, jsonb_build_object(
      'id', 'ffffffff-ffff-7fff-8fff-ffffffffffff', 'assignment_hash', repeat('0', 64)))).* from match_runs run`)
  await db.close()
}

describe('the demo', () => {
  test('gives one JSON object on the last line, finds its data again, and repeats itself elsewhere', async () => {
    const here = { LIFECIRCLE_DATA_DIR: freshDir() }
    const args = ['demo', '--json', '--residents', '300', '--rounds', '10']
    const [first, elsewhere] = await Promise.all([run(args, here), run(args)])
    expect(first.code, first.error).toBe(0)
    const result = JSON.parse(first.out.trim().split('\n').at(-1)!)
    expect(result).toMatchObject({ residents: 300, byTier: { basic: {}, inclusive: {}, personalized: {} } })
    expect(result.value).toBeGreaterThan(result.fcfsValue)
    expect(result.bound).toBeGreaterThanOrEqual(result.value)
    const again = JSON.parse(elsewhere.out.trim().split('\n').at(-1)!)
    expect({ ...again, seconds: 0 }).toEqual({ ...result, seconds: 0 })

    const second = await run(['demo', '--residents', '300', '--rounds', '10'], here)
    expect(second.out).toContain('Found its data')
    expect(second.out).toContain('Three unmet needs, explained')
    const other = await run(['demo', '--residents', '300', '--rounds', '9'], here)
    expect(other.out).toContain('matched then with --rounds 10, not 9')

    const replayed = await run(['replay', await idOfRun(here.LIFECIRCLE_DATA_DIR)], here)
    expect(replayed.code, replayed.error).toBe(0)
    const report = { snapshotEqual: true, engineEqual: true, assignmentEqual: true, resultEqual: true }
    expect(JSON.parse(replayed.out)).toEqual({ ...report, erasedResidents: 0 })

    await addLaterRun(here.LIFECIRCLE_DATA_DIR)
    // It names a snapshot that it has not got.
    const copied = await run(['replay', 'ffffffff-ffff-7fff-8fff-ffffffffffff'], here)
    expect({ code: copied.code, ...JSON.parse(copied.out) }).toMatchObject({ code: 1, snapshotEqual: false })
    const third = await run(args, here)
    expect(JSON.parse(third.out)).toMatchObject({ assignmentHash: result.assignmentHash })
    const book = await run(['reconcile'], here)
    expect(JSON.parse(book.out)).toMatchObject({ differences: [], unbalancedUnits: [] })
  }, 180_000)

  test.skipIf(!existsSync(TAIPEI))('refuses an unknown district before it writes anything', async () => {
    const LIFECIRCLE_DATA_DIR = freshDir()
    const { code, error } = await run(['demo', '--from', TAIPEI, '--district', '桃園區'], {
      LIFECIRCLE_DATA_DIR,
    })
    expect({ code, lines: error.trim().split('\n').length }).toEqual({ code: 1, lines: 1 })
    expect(error).toContain('桃園區')
    expect(existsSync(LIFECIRCLE_DATA_DIR)).toBe(false)
  })

  test.each([
    ['a directory that is not there', ['demo', '--from', 'no/such/directory'], 'no/such/directory'],
    ['--city without --from', ['demo', '--city'], '--from'],
    ['a number that is none', ['demo', '--residents', 'many'], 'whole number'],
    ['more residents than there are', ['demo', '--residents', '1000000'], 'residents aged 65 and over'],
    ['a foreign currency', ['demo'], 'LIFECIRCLE_CURRENCY'],
  ])('refuses %s with one sentence', async (what, args, mention) => {
    const currency = what === 'a foreign currency' ? { LIFECIRCLE_CURRENCY: 'EUR' } : {}
    const { code, error } = await run(args, { LIFECIRCLE_DATA_DIR: freshDir(), ...currency })
    expect(code).toBe(1)
    expect(error).toContain(mention)
    expect(error).not.toContain('    at ')
  })
})

describe('a server', () => {
  test('a data directory and a port in use are refused with a sentence; silent clients don’t keep it running', async () => {
    const LIFECIRCLE_DATA_DIR = freshDir()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const PORT = String((taken.address() as { port: number }).port)
    const port = await run(['serve'], { LIFECIRCLE_DATA_DIR: freshDir(), PORT })
    expect(port).toMatchObject({ code: 1, error: expect.stringContaining(`Port ${PORT}`) })
    taken.close()

    const server = start(['serve'], { LIFECIRCLE_DATA_DIR, PORT })
    await vi.waitFor(() => fetch(`http://127.0.0.1:${PORT}/healthz`), { timeout: 60_000, interval: 100 })
    const locked = await run(['demo'], { LIFECIRCLE_DATA_DIR })
    expect(locked).toMatchObject({ code: 1, error: expect.stringContaining('is in use by process') })

    // Clients open connections in advance: one that asks for nothing must not be waited for.
    const silent = connect(Number(PORT), '127.0.0.1')
    await once(silent, 'connect')
    server.kill('SIGTERM')
    const [code] = await once(server, 'close')
    expect(code).toBe(0)
  })

  test.each<[string, string[], Record<string, string>, string]>([
    ['nothing to do', ['--no-api', '--no-jobs'], {}, '--no-api and --no-jobs'],
    ['jobs that nobody performs', ['--no-jobs'], {}, '--no-jobs'],
    ['an address of another machine', [], { HOST: '192.0.2.1' }, 'Cannot listen on port'],
    ['a port that is none', [], { PORT: '80x' }, 'a whole number from 0 to 65535'],
    [
      'a data directory that is a file',
      [],
      { LIFECIRCLE_DATA_DIR: fileURLToPath(MAIN) },
      'main.ts is no directory',
    ],
  ])('refuses %s with one sentence', async (_what, args, settings, mention) => {
    const { code, error } = await run(['serve', ...args], { LIFECIRCLE_DATA_DIR: freshDir(), ...settings })
    expect(code).toBe(1)
    expect(error.trim().split('\n')).toHaveLength(1)
    expect(error).toContain(mention)
  })

  test.each([
    ['that nobody answers', 'postgres://nobody:hunter2@127.0.0.1:1/none', '127.0.0.1:1/none'],
    ['of another kind', 'mysql://nobody:hunter2@127.0.0.1/none', 'DATABASE_URL is not valid'],
  ])('refuses a DATABASE_URL %s, without its password', async (_what, DATABASE_URL, mention) => {
    const { code, error } = await run(['serve'], { DATABASE_URL, LIFECIRCLE_DATA_DIR: freshDir() })
    expect(code).toBe(1)
    expect(error.trim().split('\n')).toHaveLength(1)
    expect(error).toContain(mention)
    expect(error).not.toContain('hunter2')
  })
})
