import { and, eq, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { emitAll } from '../../platform/events/emit.ts'
import { showPlaces } from '../directory/withhold-places.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { suspendedAmong } from './suspended-among.ts'
import { offerings } from './tables.ts'

/**
 * Publishes again those among these offerings that nothing suspends any more; what was withdrawn stays withdrawn. For
 * the verbs that lift a suspension.
 * @returns how many are published again.
 */
export async function reinstateOfferings(
  ctx: TransactionContext,
  candidates: readonly { id: string; organizationId: string }[],
): Promise<number> {
  const suspended = await suspendedAmong(ctx, candidates)
  const free = candidates.flatMap(({ id }) => (suspended.has(id) ? [] : id)).sort()
  const reinstated: { objectId: string; audience: string }[] = []
  for (const chunk of chunks(free)) {
    const rows = await ctx.tx
      .update(offerings)
      .set({ state: 'published', version: sql`${offerings.version} + 1` })
      .where(and(isOneOf(offerings.id, chunk), eq(offerings.state, 'suspended')))
      .returning({ objectId: offerings.id, audience: offerings.organizationId })
    reinstated.push(...rows)
  }
  await showPlaces(ctx, free)
  await publishToDirectory(ctx, { offeringIds: reinstated.map(({ objectId }) => objectId) })
  await emitAll(ctx, 'offering.reinstated', reinstated)
  return reinstated.length
}
