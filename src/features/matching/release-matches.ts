import { asc, inArray, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { releaseBundles } from '../../platform/ledger/post-transfers.ts'
import { moveNeeds } from '../residents/move-needs.ts'
import { matches } from './tables.ts'

type MatchRow = typeof matches.$inferSelect

/** What becomes of proposed matches that are given back, and of their needs. */
interface Release {
  /** `excluded` by default: the run does not propose them again. */
  proposedAs?: 'excluded' | 'released'
  /** Needs that have gone another way already stay as they are. */
  leaving?: ReadonlySet<string>
}

/**
 * Gives back everything that matches still hold and opens their needs again: `excluded` before the approval,
 * `released` after. All together, so that their accounts are locked in one order.
 * @throws Refusal `state_conflict` when one of them is over already; then nothing is released.
 */
export async function releaseMatches(
  ctx: TransactionContext,
  ids: readonly string[],
  reason: string,
  { proposedAs = 'excluded', leaving = new Set() }: Release = {},
): Promise<MatchRow[]> {
  const released: MatchRow[] = []
  for (const chunk of chunks([...new Set(ids)].sort())) {
    await lockOpenMatches(ctx, chunk)
    const rows = await ctx.tx
      .update(matches)
      .set({
        state: sql`(case ${matches.state} when 'proposed' then ${proposedAs} else 'released' end)::match_state`,
        exclusionReason: reason,
        version: sql`${matches.version} + 1`,
      })
      .where(inArray(matches.id, chunk))
      .returning()
    released.push(...rows)
  }
  await releaseBundles(
    ctx,
    released.map(({ id }) => id),
  )
  await moveNeeds(
    ctx,
    released.map(({ needId }) => needId).filter((id) => !leaving.has(id)),
    'registered',
  )
  return released
}

async function lockOpenMatches(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  const rows = await ctx.tx
    .select({ state: matches.state })
    .from(matches)
    .where(inArray(matches.id, [...ids]))
    .orderBy(asc(matches.id))
    .for('update')
  if (rows.length < ids.length) found(null, 'match')
  for (const { state } of rows) {
    if (state === 'proposed' || state === 'approved') continue
    throw new Refusal('state_conflict', `The match is ${state} already.`)
  }
}
