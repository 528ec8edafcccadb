/** The server engine: Drizzle over `pg`. */
import { drizzle } from 'drizzle-orm/node-postgres'
import { Pool, type PoolConfig } from 'pg'
import { Refusal } from '../errors.ts'
import type { Logger } from '../telemetry.ts'
import { createDb, type Db, type Handle } from './client.ts'

const OLDEST_VERSION = 14

/**
 * A pool that survives a killed server. Without a handler on the pool *and on every client*, one lost
 * connection is an uncaught exception that ends the process.
 */
export function createPool(url: string, log: Logger, options: PoolConfig = {}): Pool {
  const pool = new Pool({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ...options,
  })
  const note = (error: Error) => log.warn({ reason: error.message }, 'a database connection was lost')
  pool.on('error', note)
  pool.on('connect', (client) => client.on('error', note))
  return pool
}

/**
 * Connects to PostgreSQL and checks that it answers and is new enough.
 * @throws Refusal `unavailable` that names host, port and database, never the password.
 */
export async function openPostgres(url: string, log: Logger): Promise<Db> {
  const pool = createPool(url, log, { max: 10, application_name: 'lifecircle' })
  try {
    const { rows } = await pool.query<{ version: string }>(
      "select current_setting('server_version_num') as version",
    )
    const version = Math.floor(Number(rows[0]?.version) / 10_000)
    if (version < OLDEST_VERSION) {
      throw new Refusal(
        'unavailable',
        `PostgreSQL ${version} is too old: ${OLDEST_VERSION} or newer is needed.`,
      )
    }
  } catch (error) {
    await pool.end()
    throw error instanceof Refusal ? error : cannotConnect(url, error)
  }
  return createDb({
    source: { engine: 'postgres', url },
    handle: drizzle(pool) as unknown as Handle,
    begin: (work) => beginOn(pool, work),
    close: () => pool.end(),
  })
}

/**
 * Takes the connection out of the pool itself: drizzle-orm 0.45 never gives one back whose BEGIN failed, so that
 * ten killed connections leave an empty pool and calls that wait for ever.
 */
async function beginOn<T>(pool: Pool, work: (tx: Handle) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    return await drizzle(client).transaction((tx) => work(tx as unknown as Handle))
  } finally {
    client.release() // the pool drops it where its connection is lost
  }
}

function cannotConnect(url: string, cause: unknown): Refusal {
  const { hostname, port, pathname } = new URL(url)
  const reason = (cause as Error).message || (cause as NodeJS.ErrnoException).code
  return new Refusal(
    'unavailable',
    `DATABASE_URL: no connection to PostgreSQL at ${hostname}:${port || 5432}${pathname}: ${reason}.`,
    { cause },
  )
}
