/** What somebody tried and was refused: nothing of it is done, but that they tried is on record. */
import { type Context, inTransaction, type TransactionContext } from '../context.ts'
import { Refusal, type RefusalCode } from '../errors.ts'
import { emit } from '../events/emit.ts'
import { record } from './record.ts'

/** What was tried, by the name of its action, on which object. */
export interface Attempt {
  action: string
  objectId: string
}

/** Told by the database and the wire, not by what somebody wanted: nothing to put on record. */
const NOT_OF_THE_ASKER: ReadonlySet<RefusalCode> = new Set([
  'busy',
  'unavailable',
  'precondition_required',
  'precondition_failed',
  'idempotency_key_reused',
  'request_in_progress',
])

/** The attempt that a refusal, or the database's error it comes from, put an end to. */
const attemptOf = new WeakMap<object, Attempt>()

/**
 * Runs `work` in the caller's transaction, or in a new one. Where it is refused, the attempt goes into the audit log
 * as `attempt.refuse` and out as the event `attempt.refused`, in a transaction of its own once the refused one is rolled
 * back. For what must not even be tried unseen: decisions, money, duties.
 */
export async function attempted<T>(
  ctx: Context,
  attempt: Attempt,
  work: (ctx: TransactionContext) => Promise<T>,
): Promise<T> {
  if (!ctx.tx) return recordingAttempts(ctx, () => inTransaction(ctx, (ctx) => noted(attempt, work(ctx))))
  return noted(attempt, work(ctx as TransactionContext))
}

async function noted<T>(attempt: Attempt, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && !attemptOf.has(error)) attemptOf.set(error, attempt)
    throw error
  }
}

/** For whoever opens a transaction in which attempts are made; `work` opens it and ends with it. */
export async function recordingAttempts<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal && !NOT_OF_THE_ASKER.has(error.code)) await recordAttempt(ctx, error)
    throw error
  }
}

async function recordAttempt(ctx: Context, refusal: Refusal): Promise<void> {
  const attempt = attemptOf.get(refusal) ?? attemptOf.get((refusal.cause as object | undefined) ?? {})
  if (!attempt) return
  const { action, objectId } = attempt
  const { code } = refusal
  const { role, organizationId, principalId } = ctx.actor
  await inTransaction(ctx, async (ctx) => {
    await record(ctx, 'attempt.refuse', objectId, { action, code })
    await emit(ctx, 'attempt.refused', objectId, null, { action, code, role, organizationId, principalId })
  })
}
