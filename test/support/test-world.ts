/** A fresh, migrated database per test file, on each rung of the ladder that this machine offers. */
import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { type Config, readConfig } from '../../src/platform/config.ts'
import { type Actor, type Context, createContext } from '../../src/platform/context.ts'
import type { Db } from '../../src/platform/db/client.ts'
import { openInMemory } from '../../src/platform/db/embedded.ts'
import { openPostgres } from '../../src/platform/db/postgres.ts'
import { createLogger, type Logger } from '../../src/platform/telemetry.ts'
import { asAdmin, withDatabase } from './global-setup.ts'
import { TestClock } from './test-clock.ts'

export type Rung = 'embedded' | 'postgres' | 'postgres+redis'

export interface TestWorld {
  readonly rung: Rung
  readonly db: Db
  /** The settings this deployment would have. */
  readonly config: Config
  readonly log: Logger
  readonly encryptionKey: Uint8Array
  /** Stands at 2026-12-01T08:00:00Z until a test moves it. */
  readonly clock: TestClock
  /** A context on this world's database and clock; the actor's parts that are not given have fixed values. */
  context(actor?: Partial<Actor>): Context
  /** What a lost or emptied queue looks like: all of its entries are gone. */
  loseQueue(): Promise<void>
  /** Closes the database and drops it. */
  close(): Promise<void>
}

const ACTOR: Actor = {
  principalId: '00000000-0000-7000-8000-00000000000a',
  organizationId: '00000000-0000-7000-8000-00000000000b',
  role: 'operator',
  areaId: null,
}

const encryptionKey = Buffer.alloc(32, 7)
const currency = 'TWD'

/** Set TEST_LOG_LEVEL to see what the tested code logs. */
const log = createLogger(process.env.TEST_LOG_LEVEL ?? 'silent')

/**
 * The rungs to run a conformance suite on: `describe.each(rungs())('…on %s', (rung) => …)`. The embedded one;
 * PostgreSQL with TEST_DATABASE_URL; Redis as well with TEST_REDIS_URL.
 */
export function rungs(): Rung[] {
  if (!inject('postgresTemplate')) return ['embedded']
  return ['embedded', 'postgres', ...(process.env.TEST_REDIS_URL ? (['postgres+redis'] as const) : [])]
}

/** The rungs whose databases differ: for suites that don't care about the queue. */
export function engines(): Rung[] {
  return rungs().filter((rung) => rung !== 'postgres+redis')
}

/** Opens a world of its own on a rung; the caller closes it. */
export async function openTestDb(rung: Rung = 'embedded'): Promise<TestWorld> {
  const clock = new TestClock()
  const { db, config, loseQueue, drop } = await (rung === 'embedded' ? openEmbeddedWorld() : openServer(rung))
  return {
    rung,
    db,
    config,
    log,
    encryptionKey,
    clock,
    context: (actor = {}) =>
      createContext({ actor: { ...ACTOR, ...actor }, db, log, clock: clock.read, encryptionKey, currency }),
    loseQueue,
    close: async () => {
      await db.close()
      await drop()
    },
  }
}

type Opened = Pick<TestWorld, 'db' | 'config' | 'loseQueue'> & { drop(): Promise<void> }

async function openEmbeddedWorld(): Promise<Opened> {
  const db = await openInMemory(new Blob([await readFile(inject('embeddedTemplate'))]))
  const loseQueue = () => loseTableQueue(db)
  return { db, config: readConfig({}), loseQueue, drop: async () => {} }
}

let copies = 0

async function openServer(rung: Rung): Promise<Opened> {
  const template = inject('postgresTemplate')
  if (!template) throw new Error('Set TEST_DATABASE_URL to test on PostgreSQL.')
  const { adminUrl } = template
  const name = `${template.name}_${process.pid}_${++copies}`
  await asAdmin(adminUrl, (admin) => admin.query(`create database ${name} template ${template.name}`))
  const url = withDatabase(adminUrl, name)
  const db = await openPostgres(url, log)
  const redis = rung === 'postgres+redis' ? ownRedis() : null
  if (redis) await flush(redis)
  return {
    db,
    config: readConfig({ DATABASE_URL: url, ...(redis ? { REDIS_URL: redis } : {}) }),
    loseQueue: () => (redis ? flush(redis) : loseTableQueue(db)),
    drop: async () => {
      if (redis) await flush(redis)
      await asAdmin(adminUrl, (admin) => admin.query(`drop database ${name} with (force)`))
    },
  }
}

/** Test files run side by side, so each of vitest's workers empties a Redis database of its own. */
function ownRedis(): string {
  const number = 1 + (Number(process.env.VITEST_POOL_ID ?? 0) % 15)
  return Object.assign(new URL(process.env.TEST_REDIS_URL ?? ''), { pathname: `/${number}` }).href
}

async function flush(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushdb()
  await redis.quit()
}

async function loseTableQueue(db: Db): Promise<void> {
  await db.root.execute('delete from bullmq.job')
}
