import { asc, inArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { moveNeed } from './need-lifecycle.ts'
import type { NeedState } from './schemas.ts'
import { needs } from './tables.ts'

/**
 * Moves needs to a state, all or none. For runs and referrals, whose own verbs have asked for permission and reach.
 * @throws Refusal `not_found` for an unknown need, `state_conflict` when one may not move there.
 */
export async function moveNeeds(
  ctx: TransactionContext,
  ids: readonly string[],
  to: NeedState,
): Promise<void> {
  if (ids.length === 0) return
  // One order for everybody who moves needs, so that two can wait for each other but never in a circle.
  const inOrder = [...new Set(ids)].sort()
  for (const chunk of chunks(inOrder)) {
    const rows = await ctx.tx
      .select({ id: needs.id, state: needs.state })
      .from(needs)
      .where(inArray(needs.id, chunk))
      .orderBy(asc(needs.id))
      .for('update')
    if (rows.length < chunk.length) found(null, 'need')
    for (const { state } of rows) moveNeed(state, to)
    await ctx.tx
      .update(needs)
      .set({ state: to, version: sql`${needs.version} + 1` })
      .where(inArray(needs.id, chunk))
  }
  const [only] = inOrder
  const objectId = inOrder.length === 1 ? only! : ctx.newId()
  await record(ctx, 'needs.move', objectId, { to, needs: inOrder.length })
  await emit(ctx, 'needs.moved', objectId, null, { to, needs: inOrder.length })
}
