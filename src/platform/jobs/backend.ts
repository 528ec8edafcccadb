/**
 * What carries the job ids from the relay to the workers: BullMQ on the database we have, or on Redis. Whatever
 * it loses, the outbox still knows.
 */
import {
  createPostgresBackend,
  createRedisBackend,
  type Processor,
  Queue,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import type { Db, Source } from '../db/client.ts'
import { createPool } from '../db/postgres.ts'
import { Refusal } from '../errors.ts'
import type { Logger } from '../telemetry.ts'
import { pglitePool, scriptSession } from './pglite-pool.ts'

export const QUEUE_NAME = 'lifecircle'

/** Nobody reads BullMQ's own events; the outbox is the record. */
const KEPT_EVENTS = 100

/** The two ends of the queue and what must be closed after them. */
export interface QueueBackend {
  openQueue(): Queue
  openWorker(process: Processor, options: Omit<WorkerOptions, 'connection'>): Worker
  /**
   * Whether every entry of the queue was left by a process that is gone: PGlite's data directory is locked, so
   * nobody else can be working on them.
   */
  readonly exclusive: boolean
  close(): Promise<void>
}

/**
 * The queue's backend of this deployment, ready for use.
 * @throws Refusal `unavailable` when REDIS_URL leads nowhere; it names host and port, never the password.
 */
export async function openQueueBackend(db: Db, config: Config, log: Logger): Promise<QueueBackend> {
  if (config.REDIS_URL) return redisBackend(config.REDIS_URL)
  await prepareQueueSchema(db.source, log)
  if (db.source.engine === 'pglite')
    return databaseBackend(pglitePool(db.source.pglite), true, async () => {})
  const pool = queuePool(db.source.url, log)
  return databaseBackend(pool, false, () => pool.end())
}

/** Creates or updates BullMQ's own tables; the tests also call it for their template databases. */
export async function prepareQueueSchema(source: Source, log: Logger): Promise<void> {
  if (source.engine === 'pglite') {
    await source.pglite.transaction((tx) => runMigrations(scriptSession(tx)))
    return
  }
  const pool = queuePool(source.url, log)
  try {
    const client = await pool.connect()
    await runMigrations(client).finally(() => client.release())
  } finally {
    await pool.end()
  }
}

/** One connection listens for good; the others serve four workers, their locks and the relay. */
function queuePool(url: string, log: Logger): Pool {
  return createPool(url, log, {
    max: 5,
    application_name: 'lifecircle-queue',
    options: '-c search_path=bullmq',
  })
}

function databaseBackend(
  connection: ReturnType<typeof pglitePool> | Pool,
  exclusive: boolean,
  close: () => Promise<void>,
): QueueBackend {
  // BullMQ's declarations only know Redis connections in the options of Queue and Worker.
  const shared = { connection: connection as never }
  const streams = { events: { maxLen: KEPT_EVENTS } }
  return {
    exclusive,
    openQueue: () => new Queue(QUEUE_NAME, { ...shared, streams }, createPostgresBackend as never),
    openWorker: (process, options) =>
      new Worker(QUEUE_NAME, process, { ...options, ...shared }, createPostgresBackend as never),
    close,
  }
}

async function redisBackend(url: string): Promise<QueueBackend> {
  await checkRedis(url)
  const prefix = QUEUE_NAME
  const streams = { events: { maxLen: KEPT_EVENTS } }
  // A relay that fails at once can try again; one that waits for Redis cannot be closed.
  const producing = { url, maxRetriesPerRequest: 1, enableOfflineQueue: false }
  const consuming = { url, maxRetriesPerRequest: null }
  return {
    exclusive: false,
    openQueue: () =>
      new Queue(QUEUE_NAME, { connection: producing, prefix, streams }, createRedisBackend as never),
    openWorker: (process, options) =>
      new Worker(
        QUEUE_NAME,
        process,
        { ...options, connection: consuming, prefix },
        createRedisBackend as never,
      ),
    close: async () => {},
  }
}

/** One connection, one answer: BullMQ itself would go on trying for ever. */
async function checkRedis(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let reason = ''
  redis.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.message || error.code || ''
  })
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    const { hostname, port } = new URL(url)
    throw new Refusal(
      'unavailable',
      `REDIS_URL: no connection to Redis at ${hostname}:${port || 6379}: ${reason || (error as Error).message}.`,
      { cause: error },
    )
  } finally {
    redis.disconnect()
  }
}
