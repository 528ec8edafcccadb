import { and, gte, isNotNull, or, sql } from 'drizzle-orm'
import type { TransactionContext } from '../context.ts'
import { mentionsOneOf } from '../db/mentions.ts'
import { jobs } from './tables.ts'

/**
 * Forgets the jobs that are over and name one of these objects; those that are open still need what they were given,
 * which is ids.
 *
 * @param since when the first of the objects came to be: older jobs can't name any.
 * @returns how many there were.
 */
export async function eraseJobs(
  ctx: TransactionContext,
  objectIds: readonly string[],
  since: Date,
): Promise<number> {
  const isOver = or(isNotNull(jobs.doneAt), isNotNull(jobs.failedAt))
  const names = mentionsOneOf(sql`${jobs.payload}::text`, objectIds)
  const rows = await ctx.tx
    .delete(jobs)
    .where(and(gte(jobs.createdAt, since), isOver, names))
    .returning({ id: jobs.id })
  return rows.length
}
