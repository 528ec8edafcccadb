import { and, asc, eq, inArray } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { needs } from '../residents/tables.ts'
import { releaseMatches } from './release-matches.ts'
import { matches } from './tables.ts'

/**
 * Gives back what a resident's matches still hold that nobody has completed. For erasure, whose own verb has asked for
 * permission, and after the referrals that lie to the right have ended theirs.
 * @returns how many were released.
 */
export async function endMatches(
  ctx: TransactionContext,
  residentId: string,
  reason: string,
): Promise<number> {
  const open = await ctx.tx
    .select({ id: matches.id })
    .from(matches)
    .innerJoin(needs, eq(needs.id, matches.needId))
    .where(
      and(
        eq(matches.residentId, residentId),
        inArray(matches.state, ['proposed', 'approved']),
        // The match of a need that is met stays approved: nothing of it is open.
        inArray(needs.state, ['matched', 'in_service']),
      ),
    )
    .orderBy(asc(matches.id))
  const released = await releaseMatches(
    ctx,
    open.map(({ id }) => id),
    reason,
  )
  return released.length
}
