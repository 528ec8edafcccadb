import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { afterCommit } from '../db/client.ts'
import type { JobDefinition } from './define-job.ts'
import { nudge } from './nudges.ts'
import { jobs } from './tables.ts'

/**
 * Asks for a job as part of the caller's transaction: it runs after the commit, on behalf of the same actor, and
 * a rollback takes it back.
 *
 * @param more.key names the effect: while a job with this key is known, that one is kept and its id returned.
 * @param more.availableAt the job is not started before.
 */
export async function enqueueJob<Payload>(
  ctx: TransactionContext,
  definition: JobDefinition<Payload>,
  payload: NoInfer<Payload>,
  more: { key?: string; availableAt?: Date } = {},
): Promise<string> {
  const now = ctx.clock()
  const [written] = await ctx.tx
    .insert(jobs)
    .values({
      id: ctx.newId(),
      name: definition.name,
      key: more.key ?? null,
      payload,
      actor: ctx.actor,
      createdAt: now,
      availableAt: more.availableAt ?? now,
    })
    .onConflictDoNothing({ target: jobs.key })
    .returning({ id: jobs.id })
  if (written) {
    afterCommit(() => nudge(ctx.db))
    return written.id
  }
  const [kept] = await ctx.tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(eq(jobs.key, more.key ?? ''))
  return kept!.id
}
