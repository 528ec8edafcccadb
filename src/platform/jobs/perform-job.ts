/** One delivery of one job: load its row, do the work, write how it went. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import {
  type Actor,
  type Context,
  createContext,
  type Ground,
  inTransaction,
  query,
  type TransactionContext,
} from '../context.ts'
import { Refusal } from '../errors.ts'
import { messageWithoutValues } from '../telemetry.ts'
import type { AnyJobDefinition, JobRun } from './define-job.ts'
import { jobs } from './tables.ts'

const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 60_000
const LONGEST_ERROR = 2_000

export interface Performer extends Ground {
  clock: () => Date
  definitions: ReadonlyMap<string, AnyJobDefinition>
  signal: AbortSignal
  resendAfterMs: number
}

type JobRow = typeof jobs.$inferSelect

/** Performs the job, unless it is done. Rejects only when the outcome could not be written. */
export async function performJob(performer: Performer, id: string): Promise<void> {
  const [row] = await performer.db.root.select().from(jobs).where(eq(jobs.id, id))
  if (!row || row.doneAt || row.failedAt) return
  const log = performer.log.child({ job: row.name, jobId: id })
  const ctx = createContext({ ...groundOf(performer), actor: row.actor as Actor, log })
  const definition = performer.definitions.get(row.name)
  if (!definition) return giveUpUnread(ctx, row, `There is no job named ${row.name} in this version.`)
  const payload = definition.payload.safeParse(row.payload)
  if (!payload.success) {
    return giveUpUnread(ctx, row, `The payload does not fit the job: ${payload.error.message}`)
  }
  await attempt(performer, ctx, row, definition, payload.data)
}

/** Only what a context carries: the rest is the queue's business, not the job's. */
function groundOf({
  definitions: _definitions,
  signal: _signal,
  resendAfterMs: _resend,
  ...ground
}: Performer): Ground {
  return ground
}

async function attempt(
  performer: Performer,
  ctx: Context,
  row: JobRow,
  definition: AnyJobDefinition,
  payload: unknown,
): Promise<void> {
  const { signal } = performer
  const finish = (work: (ctx: TransactionContext) => Promise<void>) => finishJob(ctx, row.id, work)
  const job: JobRun = { id: row.id, attempt: row.attempts + 1, signal, finish }
  try {
    // Only the giving up went wrong last time: it is tried again, the work is not.
    if (row.attempts >= definition.attempts) throw new Error(row.error ?? 'The job has no tries left.')
    await definition.perform(ctx, payload, job)
    await finish(async () => {})
  } catch (error) {
    if (signal.aborted) return postpone(ctx, row)
    ctx.log.warn({ err: error, attempt: job.attempt, of: definition.attempts }, 'a job failed')
    await recordFailure(performer, ctx, row, { definition, payload, error })
  }
}

/** The effect and `done_at`, in one transaction, under the row's lock: of two deliveries, one writes. */
function finishJob(
  ctx: Context,
  id: string,
  work: (ctx: TransactionContext) => Promise<void>,
): Promise<boolean> {
  return inTransaction(ctx, async (ctx) => {
    if (!(await lockOpen(ctx, id))) return false
    await work(ctx)
    await ctx.tx.update(jobs).set({ doneAt: ctx.clock(), error: null }).where(eq(jobs.id, id))
    return true
  })
}

async function lockOpen(ctx: TransactionContext, id: string): Promise<JobRow | undefined> {
  const [row] = await ctx.tx
    .select()
    .from(jobs)
    .where(and(eq(jobs.id, id), isNull(jobs.doneAt), isNull(jobs.failedAt)))
    .for('update')
  return row
}

/** The process stops: that is not the job's failure. The next process finds it unsent. */
async function postpone(ctx: Context, row: JobRow): Promise<void> {
  ctx.log.info('a job was interrupted by the shutdown; it starts again with the next process')
  await query(ctx).update(jobs).set({ sentAt: null }).where(eq(jobs.id, row.id))
}

interface Failure {
  definition: AnyJobDefinition
  payload: unknown
  error: unknown
}

async function recordFailure(
  performer: Performer,
  ctx: Context,
  row: JobRow,
  failure: Failure,
): Promise<void> {
  try {
    await inTransaction(ctx, (ctx) => writeFailure(performer, ctx, row, failure, true))
  } catch (error) {
    if (!failure.definition.onGivenUp) throw error
    ctx.log.error({ err: error }, 'giving a job up failed; it will be tried again')
    await inTransaction(ctx, (ctx) => writeFailure(performer, ctx, row, failure, false))
  }
}

async function writeFailure(
  performer: Performer,
  ctx: TransactionContext,
  row: JobRow,
  { definition, payload, error }: Failure,
  mayGiveUp: boolean,
): Promise<void> {
  const open = await lockOpen(ctx, row.id)
  if (!open) return
  const attempts = open.attempts + 1
  const givenUp = mayGiveUp && attempts >= definition.attempts
  const failedAt = givenUp ? ctx.clock() : null
  const sentAt = sentAtForRetry(attempts, performer.resendAfterMs)
  await ctx.tx
    .update(jobs)
    .set({ attempts, error: clipped(error), failedAt, sentAt })
    .where(eq(jobs.id, row.id))
  if (!givenUp) return
  ctx.log.error({ attempts }, 'a job was given up')
  await definition.onGivenUp?.(ctx, payload, sentenceOf(error))
}

/**
 * Retries have no mechanism of their own: `sent_at` is set so that the relay takes the job for lost, and sends
 * it again, when the pause is over.
 */
function sentAtForRetry(attempts: number, resendAfterMs: number) {
  const pause = Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), LONGEST_BACKOFF_MS)
  return sql`now() + make_interval(secs => ${(pause - resendAfterMs) / 1000}::float8)`
}

/** For a job that nobody can read: no try would change that, and there is no payload to give up with. */
async function giveUpUnread(ctx: Context, row: JobRow, sentence: string): Promise<void> {
  ctx.log.error({ reason: sentence }, 'a job was given up')
  await query(ctx)
    .update(jobs)
    .set({ failedAt: ctx.clock(), error: clipped(sentence) })
    .where(and(eq(jobs.id, row.id), isNull(jobs.doneAt)))
}

function clipped(error: unknown): string {
  return messageWithoutValues(error).slice(0, LONGEST_ERROR)
}

/** Only refusals are written for people; other messages may carry SQL and values. */
function sentenceOf(error: unknown): string {
  return error instanceof Refusal ? error.message : 'The job failed for an unexpected reason; see the log.'
}
