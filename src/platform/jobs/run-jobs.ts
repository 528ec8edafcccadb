/** Starts what turns outbox rows into work: the relay, the queue, the worker. */
import { and, isNull, lte, sql } from 'drizzle-orm'
import type { Config } from '../config.ts'
import { type Ground, systemClock } from '../context.ts'
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

export interface JobsOptions extends Ground {
  config: Config
  definitions: readonly AnyJobDefinition[]
  /** After how long an open job counts as lost by the queue. */
  resendAfterMs?: number
}

/**
 * Runs jobs in this process until closed. Of the embedded database, one runner at a time.
 * @throws Refusal `unavailable` when the queue cannot be reached.
 */
export async function startJobs({
  config,
  definitions,
  resendAfterMs = RESEND_AFTER_MS,
  ...ground
}: JobsOptions): Promise<JobRunner> {
  const { db, log, clock = systemClock } = ground
  const stopping = new AbortController()
  const { signal } = stopping
  const performer: Performer = { ...ground, clock, definitions: byName(definitions), signal, resendAfterMs }
  const parts: Parts = []
  const close = once(async () => {
    stopping.abort(new Error('The process is stopping.'))
    for (const part of parts.toReversed()) await within(part.close(), log)
  })
  try {
    const backend = await openQueueBackend(db, config, log)
    parts.push(backend)
    const queue = await openQueue(backend, db, log, parts)
    await openWorker(backend, performer, parts).waitUntilReady()
    const relay = startRelay({ db, log, clock, resendAfterMs, send: (ids) => add(queue, ids) })
    parts.push(relay)
    const stopListening = onNudge(db, relay.nudge)
    parts.push({ close: async () => stopListening() })
    const idle = (timeoutMs = 60_000) => waitUntilIdle(db, clock, relay, timeoutMs)
    return { nudge: relay.nudge, idle, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What is open so far, closed in reverse: the first that fails to open must not leave the others behind. */
type Parts = { close(): Promise<unknown> }[]

function byName(definitions: readonly AnyJobDefinition[]): Map<string, AnyJobDefinition> {
  const known = new Map(definitions.map((definition) => [definition.name, definition]))
  if (known.size < definitions.length) throw new Error('Two jobs have the same name.')
  return known
}

type JobQueue = ReturnType<QueueBackend['openQueue']>

async function openQueue(backend: QueueBackend, db: Db, log: Logger, parts: Parts): Promise<JobQueue> {
  if (backend.exclusive) await forgetFormerProcess(backend, db, log)
  const queue = backend.openQueue()
  parts.push(queue)
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

function openWorker(backend: QueueBackend, performer: Performer, parts: Parts) {
  const worker = backend.openWorker(async (job) => performJob(performer, job.data.id), WORKER_OPTIONS)
  parts.push(worker)
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
