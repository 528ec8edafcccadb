import type { TransactionContext } from '../../platform/context.ts'
import type { MatchRow } from './get-run.ts'
import { releaseMatches } from './release-matches.ts'

/**
 * Gives back everything a match still holds and opens its need again: `excluded` before the approval, `released` after.
 * @throws Refusal `state_conflict` for a match that is over already.
 */
export async function releaseMatch(
  ctx: TransactionContext,
  matchId: string,
  reason: string,
): Promise<MatchRow> {
  const [released] = await releaseMatches(ctx, [matchId], reason)
  return released!
}
