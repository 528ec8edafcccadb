import { and, asc, eq, isNull } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { releaseMatches } from './release-matches.ts'
import { matches } from './tables.ts'

/**
 * Gives back what a run's proposed matches hold and opens their needs again: all of them where the run is given up; all
 * but the pinned ones, which may then come back, where it is solved again.
 * @returns how many.
 */
export async function releaseProposed(
  ctx: TransactionContext,
  runId: string,
  why: 'run_cancelled' | 'run_failed' | 'run_resolved',
): Promise<number> {
  const isAgain = why === 'run_resolved'
  const open = await ctx.tx
    .select({ id: matches.id })
    .from(matches)
    .where(
      and(
        eq(matches.runId, runId),
        eq(matches.state, 'proposed'),
        isAgain ? isNull(matches.pinReason) : undefined,
      ),
    )
    .orderBy(asc(matches.id))
  const ids = open.map(({ id }) => id)
  return (await releaseMatches(ctx, ids, why, isAgain ? { proposedAs: 'released' } : {})).length
}
