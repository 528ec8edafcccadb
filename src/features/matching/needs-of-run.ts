import { and, eq, inArray } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import type { NeedState } from '../residents/schemas.ts'
import { needs, residents } from '../residents/tables.ts'
import type { matchRuns } from './tables.ts'

/** Ids of the needs of the run's area and period in one of these states, in order of registration. */
export async function needsOfRun(
  ctx: TransactionContext,
  { areaId, period }: Pick<typeof matchRuns.$inferSelect, 'areaId' | 'period'>,
  states: NeedState[],
): Promise<string[]> {
  const rows = await ctx.tx
    .select({ id: needs.id })
    .from(needs)
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .where(
      and(
        eq(needs.period, period),
        inArray(needs.state, states),
        inArray(residents.areaId, await areaSubtree(ctx, areaId)),
      ),
    )
    .orderBy(needs.id)
  return rows.map(({ id }) => id)
}
