/** The README's walk, run as a new user would: its commands exactly as they stand, against a server of their own. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const dataDir = mkdtempSync(join(tmpdir(), 'lifecircle-readme-'))
const missing = ['bash', 'curl'].filter((tool) => spawnSync(tool, ['--version']).error)

let server: ReturnType<typeof spawn> | undefined
let environment: NodeJS.ProcessEnv

beforeAll(async () => {
  if (missing.length > 0) return
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env
  const PORT = String(await freePort())
  environment = { ...inherited, LIFECIRCLE_DATA_DIR: dataDir, PORT, LOG_LEVEL: 'error' }
  const demo = lifecircle('demo', '--no-match', '--residents', '300')
  const [code] = await once(demo, 'close')
  expect(code).toBe(0)
  server = lifecircle('serve')
  await vi.waitFor(() => fetch(`http://127.0.0.1:${PORT}/readyz`), { timeout: 60_000, interval: 100 })
})

afterAll(async () => {
  if (server) {
    server.kill('SIGTERM')
    await once(server, 'close')
  }
  rmSync(dataDir, { recursive: true, force: true })
})

function lifecircle(...args: string[]) {
  return spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

/** The fenced bash blocks of the walk and of the directory after it, in order. */
function walk(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const section = readme.slice(
    readme.indexOf('<!-- walk'),
    readme.indexOf('\n## How data flow', readme.indexOf('<!-- walk')),
  )
  const blocks = [...section.matchAll(/```bash\n([\s\S]*?)```/g)].map((match) => match[1]!)
  expect(blocks.length).toBeGreaterThanOrEqual(6)
  return blocks.join('\n')
}

test.skipIf(missing.length > 0)(
  'the walk leads to an accepted referral, and its offering into the directory',
  async () => {
    const bash = spawn('bash', ['-euo', 'pipefail', '-c', walk()], { cwd: ROOT, env: environment })
    let output = ''
    let errors = ''
    bash.stdout.on('data', (chunk) => {
      output += chunk
    })
    bash.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const [code] = await once(bash, 'close')
    expect(`${errors}${output}`).toContain('Morning tai chi')
    expect(code, `${errors}\n${output}`).toBe(0)
    expect(output).toMatch(/Chosen out of 1 option: Morning tai chi/)
    const said = output.trim().split('\n')
    expect(said.slice(0, -5).at(-1)).toBe('accepted')
    const [name, maximum, active, minutes, covered] = said.slice(-5)
    expect(name).toMatch(/care/i)
    for (const count of [maximum, active, covered]) expect(Number(count)).toBeGreaterThan(0)
    expect(Number(minutes)).toBeLessThan(15)
  },
)
