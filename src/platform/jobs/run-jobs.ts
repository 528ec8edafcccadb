/** Starts what turns outbox rows into work: the relay, the queue, the worker. */
import { and, isNull, lte, sql } from 'drizzle-orm'
import type { Config } from '../config.ts'
import { systemClock } from '../context.ts'
import type { Db } from '../db/client.ts'
import type { Logger } from '../telemetry.ts'
import { openQueueBackend, QUEUE_NAME, type QueueBackend } from './backend.ts'
import type { AnyJobDefinition } from './define-job.ts'
import { onNudge } from './nudges.ts'
import { type Performer, performJob } from './perform-job.ts'
import { type Relay, startRelay } from './relay.ts'
import { jobs } from './tables.ts'

const RESEND_AFTER_MS = 15_000
const CLOSE_WITHIN_MS = 10_000
const IDLE_POLL_MS = 20

const WORKER_OPTIONS = {
  concurrency: 4,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // The outbox counts failures; a queue that gives up on its own would only cost a re-send.
  maxStalledCount: 1_000_000,
  // How soon a worker asks again after its connection was refused. BullMQ's 15 s are long for a restart.
  runRetryDelay: 1_000,
}

export interface JobRunner {
  /** Looks for new jobs now; jobs enqueued in this process do it by themselves. */
  nudge(): void
  /**
   * Resolves when no due job is open. Jobs for later don't count.
   * @throws Error that names the open jobs when `timeoutMs` (60 s) have passed.
   */
  idle(timeoutMs?: number): Promise<void>
  /** Takes no more jobs, tells the running ones to stop, waits for them (10 s), closes all connections. */
  close(): Promise<void>
}

/**
 * Runs jobs in this process until closed. Of the embedded database, one runner at a time.
 * @throws Refusal `unavailable` when the queue cannot be reached.
 */
export async function startJobs(given: {
  db: Db
  config: Config
  log: Logger
  definitions: readonly AnyJobDefinition[]
  clock?: () => Date
  /** After how long an open job counts as lost by the queue. */
  resendAfterMs?: number
}): Promise<JobRunner> {
  const { db, log, clock = systemClock, resendAfterMs = RESEND_AFTER_MS } = given
  const backend = await openQueueBackend(db, given.config, log)
  const stopping = new AbortController()
  const definitions = byName(given.definitions)
  const { signal } = stopping
  const performer: Performer = { db, log, clock, definitions, signal, resendAfterMs }
  const queue = await openQueue(backend, db, log)
  const worker = openWorker(backend, performer)
  await worker.waitUntilReady()
  const relay = startRelay({ db, log, clock, resendAfterMs, send: (ids) => add(queue, ids) })
  const stopListening = onNudge(db, relay.nudge)
  return {
    nudge: relay.nudge,
    idle: (timeoutMs = 60_000) => waitUntilIdle(db, clock, relay, timeoutMs),
    close: once(async () => {
      stopListening()
      stopping.abort(new Error('The process is stopping.'))
      await within(relay.close(), log)
      await within(worker.close(), log)
      await within(queue.close(), log)
      await within(backend.close(), log)
    }),
  }
}

function byName(definitions: readonly AnyJobDefinition[]): Map<string, AnyJobDefinition> {
  const known = new Map(definitions.map((definition) => [definition.name, definition]))
  if (known.size < definitions.length) throw new Error('Two jobs have the same name.')
  return known
}

type JobQueue = ReturnType<QueueBackend['openQueue']>

async function openQueue(backend: QueueBackend, db: Db, log: Logger): Promise<JobQueue> {
  if (backend.exclusive) await forgetFormerProcess(backend, db, log)
  const queue = backend.openQueue()
  queue.on('error', (error) => log.warn({ err: error }, 'the job queue reported an error'))
  await queue.waitUntilReady()
  return queue
}

/** What a killed process held would otherwise be free again only when its locks expire, some 20 s later. */
async function forgetFormerProcess(backend: QueueBackend, db: Db, log: Logger): Promise<void> {
  const former = backend.openQueue()
  former.on('error', (error) => log.warn({ err: error }, 'the job queue reported an error'))
  await former.obliterate({ force: true })
  await former.close()
  await db.root
    .update(jobs)
    .set({ sentAt: null })
    .where(and(isNull(jobs.doneAt), isNull(jobs.failedAt)))
}

function openWorker(backend: QueueBackend, performer: Performer) {
  const worker = backend.openWorker(async (job) => performJob(performer, job.data.id), WORKER_OPTIONS)
  worker.on('error', (error) => performer.log.warn({ err: error }, 'the job worker reported an error'))
  worker.on('failed', (_job, error) => {
    performer.log.warn({ err: error }, 'the outcome of a job could not be written; it will be tried again')
  })
  return worker
}

async function add(queue: JobQueue, ids: string[]): Promise<void> {
  const opts = { removeOnComplete: true, removeOnFail: true }
  await queue.addBulk(ids.map((id) => ({ name: QUEUE_NAME, data: { id }, opts: { ...opts, jobId: id } })))
}

async function waitUntilIdle(db: Db, clock: () => Date, relay: Relay, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs
  relay.nudge()
  for (;;) {
    const open = await db.root
      .select({ name: jobs.name, count: sql<number>`count(*)::int` })
      .from(jobs)
      .where(and(isNull(jobs.doneAt), isNull(jobs.failedAt), lte(jobs.availableAt, clock())))
      .groupBy(jobs.name)
    if (open.length === 0) return
    if (performance.now() > until) {
      const list = open.map(({ name, count }) => `${count} × ${name}`).join(', ')
      throw new Error(`Jobs are still open after ${timeoutMs} ms: ${list}.`)
    }
    await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS))
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}

/** Waits for a part to close, but not for ever: what it held is found again by the next process. */
async function within(closing: Promise<unknown>, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn('a part of the job runner did not close in time')
      resolve()
    }, CLOSE_WITHIN_MS)
  })
  const failed = (error: unknown) => log.warn({ err: error }, 'a part of the job runner did not close well')
  await Promise.race([closing.catch(failed), late])
  clearTimeout(timer)
}
