/**
 * `Idempotency-Key` on POSTs that create: the answer is stored in the transaction of the effect it reports, so that
 * a repeated request gets the same answer and a failed one leaves nothing behind. A request that comes while the first
 * one runs waits for it.
 */
import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { and, eq, sql } from 'drizzle-orm'
import type { Context as HonoContext } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { recordingAttempts } from '../audit/attempted.ts'
import { type Context, inTransaction, type TransactionContext } from '../context.ts'
import { databaseErrorOf } from '../db/database-errors.ts'
import { Refusal } from '../errors.ts'
import type { Env } from './router.ts'
import { idempotencyKeys } from './tables.ts'

export const IdempotencyHeader = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().openapi({
    description: 'Repeating a request with the same key gives the same answer and no second effect',
  }),
})

/** How long a request waits for another one with its key. */
const PATIENCE_MS = 5000
const LOCK_NOT_AVAILABLE = '55P03'

/** What a creating handler answers. */
export interface Answer<Body, Status extends ContentfulStatusCode> {
  body: Body
  status: Status
  headers?: Record<string, string>
}

/**
 * Runs `work` in one transaction and answers; under a key, at most once.
 * @throws Refusal `idempotency_key_reused` for the same key with another request, `request_in_progress` when
 *   the first one takes longer than a few seconds.
 */
export async function idempotently<Body, Status extends ContentfulStatusCode>(
  c: HonoContext<Env>,
  work: (ctx: TransactionContext) => Promise<Answer<Body, Status>>,
) {
  const ctx = c.get('ctx')
  const key = c.req.header('idempotency-key')
  const hash = key ? await hashOf(c) : ''
  const answer = await recordingAttempts(ctx, () =>
    key ? answerOnce(ctx, key, hash, work) : inTransaction(ctx, work),
  )
  return c.json(answer.body as Body & object, answer.status, answer.headers ?? {})
}

function answerOnce<Body, Status extends ContentfulStatusCode>(
  outer: Context,
  key: string,
  requestHash: string,
  work: (ctx: TransactionContext) => Promise<Answer<Body, Status>>,
): Promise<Answer<Body, Status>> {
  return inTransaction(outer, async (ctx) => {
    await claim(ctx, key)
    const stored = await storedAnswer(ctx, key)
    if (stored) return replay<Body, Status>(stored, requestHash)
    const answer = await work(ctx)
    await ctx.tx.insert(idempotencyKeys).values({
      principalId: ctx.actor.principalId,
      key,
      requestHash,
      status: answer.status,
      headers: answer.headers ?? {},
      body: JSON.stringify(answer.body),
      createdAt: ctx.clock(),
    })
    return answer
  })
}

/**
 * A lock on (principal, key) until the transaction ends. A second request waits for the first and then finds its
 * answer: what it reads next sees what the first has committed. Whoever waits keeps a connection, but whoever is
 * waited for has one already, so the waiting can slow the pool down and never block it.
 */
async function claim(ctx: TransactionContext, key: string): Promise<void> {
  const lock = sql`hashtextextended(${`${ctx.actor.principalId} ${key}`}, 0)`
  // Tried first: nearly always nobody else has it, and one statement is enough.
  const claimed = await ctx.tx
    .select({ claimed: sql<boolean>`pg_try_advisory_xact_lock(${lock})` })
    .from(sql`(values (1)) as one`)
  if (claimed[0]?.claimed) return
  await ctx.tx.execute(sql.raw(`set local lock_timeout = ${PATIENCE_MS}`))
  try {
    await ctx.tx.execute(sql`select pg_advisory_xact_lock(${lock})`)
  } catch (error) {
    if (databaseErrorOf(error)?.code !== LOCK_NOT_AVAILABLE) throw error
    throw new Refusal('request_in_progress', 'A request with this Idempotency-Key is still running.')
  }
  await ctx.tx.execute(sql`set local lock_timeout to default`)
}

async function storedAnswer(ctx: TransactionContext, key: string) {
  const [row] = await ctx.tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.principalId, ctx.actor.principalId), eq(idempotencyKeys.key, key)))
  return row
}

function replay<Body, Status extends ContentfulStatusCode>(
  stored: typeof idempotencyKeys.$inferSelect,
  requestHash: string,
): Answer<Body, Status> {
  if (stored.requestHash !== requestHash) {
    throw new Refusal('idempotency_key_reused', 'This Idempotency-Key was used for another request.')
  }
  return {
    body: JSON.parse(stored.body ?? 'null') as Body,
    status: stored.status as Status,
    headers: { ...(stored.headers as Record<string, string>), 'Idempotent-Replayed': 'true' },
  }
}

async function hashOf(c: HonoContext<Env>): Promise<string> {
  return createHash('sha256')
    .update(`${c.req.method} ${c.req.path}\n`)
    .update(await c.req.text())
    .digest('hex')
}
