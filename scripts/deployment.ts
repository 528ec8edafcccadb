/** A throw-away deployment for scripts: an embedded directory or a PostgreSQL database of its own, and the command line on it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export type Rung = 'embedded' | 'postgres' | 'postgres+redis'

export interface Deployment {
  rung: Rung
  dataDir: string
  /** What its processes find in the environment. */
  environment: Record<string, string>
  remove(): Promise<void>
}

/** Servers the scripts use; both default to this machine's. */
export const DATABASE_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
export const REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

let made = 0

/** Makes an empty deployment on a rung. */
export async function createDeployment(rung: Rung): Promise<Deployment> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lifecircle-'))
  const environment: Record<string, string> = { LIFECIRCLE_DATA_DIR: dataDir, LOG_LEVEL: 'error' }
  if (rung === 'embedded')
    return { rung, dataDir, environment, remove: async () => rmSync(dataDir, { recursive: true }) }
  const name = `lifecircle_${process.pid}_${++made}`
  await asAdmin(`create database ${name}`)
  environment.DATABASE_URL = Object.assign(new URL(DATABASE_URL), { pathname: `/${name}` }).href
  if (rung === 'postgres+redis') environment.REDIS_URL = REDIS_URL
  return {
    rung,
    dataDir,
    environment,
    remove: async () => {
      rmSync(dataDir, { recursive: true })
      await asAdmin(`drop database ${name} with (force)`)
    },
  }
}

async function asAdmin(statement: string): Promise<void> {
  const admin = new Client({ connectionString: DATABASE_URL })
  await admin.connect()
  try {
    await admin.query(statement)
  } finally {
    await admin.end()
  }
}

/** Starts `lifecircle <args>` from source on a deployment. The process itself is the one to signal: no shell, no npm between. */
export function startCommand(deployment: Deployment, args: string[], more: Record<string, string> = {}) {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env
  return spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    cwd: ROOT,
    env: { ...inherited, ...deployment.environment, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Runs a command to its end. @returns its exit code and its standard output. */
export async function runCommand(
  deployment: Deployment,
  args: string[],
): Promise<{ code: number; output: string }> {
  const child = startCommand(deployment, args)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)))
  return { code, output }
}
