import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { releaseBundles } from '../../platform/ledger/post-transfers.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import type { MatchRow } from './get-run.ts'
import { matches } from './tables.ts'

/**
 * Gives back everything a match still holds and opens its need again: `excluded` before the approval, `released` after.
 * @throws Refusal `state_conflict` for a match that is over already.
 */
export async function releaseMatch(
  ctx: TransactionContext,
  matchId: string,
  reason: string,
): Promise<MatchRow> {
  const [row] = await ctx.tx.select().from(matches).where(eq(matches.id, matchId)).for('update')
  const match = found(row, 'match')
  if (match.state !== 'proposed' && match.state !== 'approved') {
    throw new Refusal('state_conflict', `The match is ${match.state} already.`)
  }
  const [released] = await ctx.tx
    .update(matches)
    .set({
      state: match.state === 'proposed' ? 'excluded' : 'released',
      exclusionReason: reason,
      version: match.version + 1,
    })
    .where(eq(matches.id, matchId))
    .returning()
  await releaseBundles(ctx, [matchId])
  await moveNeeds(ctx, [match.needId], 'registered')
  return released!
}
