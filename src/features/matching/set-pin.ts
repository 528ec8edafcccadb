import { and, eq, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import type { MatchRow } from './get-run.ts'
import { matches } from './tables.ts'

/**
 * Keeps a proposed match when its run is solved again, or lets it go again. For reviewers, whose own verb has asked for
 * permission and locked the run.
 * @param reason null = not kept any more.
 * @throws Refusal `state_conflict` for a match that is not proposed.
 */
export async function setPin(
  ctx: TransactionContext,
  matchId: string,
  reason: string | null,
): Promise<MatchRow> {
  const [match] = await ctx.tx
    .update(matches)
    .set({ pinReason: reason, version: sql`${matches.version} + 1` })
    .where(and(eq(matches.id, matchId), eq(matches.state, 'proposed')))
    .returning()
  if (!match) throw new Refusal('state_conflict', 'Only a proposed match can be kept.')
  return match
}
