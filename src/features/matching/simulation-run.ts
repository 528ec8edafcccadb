import { and, desc, inArray, isNotNull, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { getRun, runsWithinReach } from './get-run.ts'
import { requireSnapshot } from './require-snapshot.ts'
import type { RunRow } from './start-run.ts'
import { matchRuns } from './tables.ts'

/**
 * The run that a simulation is made upon: the one that is asked for, or the last one within reach that was approved,
 * else proposed.
 * @param areaIds only runs over one of these areas; null = over any.
 * @throws Refusal `not_found` beyond the actor's reach, `state_conflict` for one that was not solved or is over other
 *   areas, or where there is none.
 */
export async function runToSimulate(
  ctx: Context,
  runId: string | undefined,
  areaIds: readonly string[] | null,
): Promise<RunRow> {
  if (runId === undefined) return lastRun(ctx, areaIds)
  const run = await getRun(ctx, runId)
  requireSnapshot(run)
  if (areaIds && !areaIds.includes(run.areaId)) {
    throw new Refusal('state_conflict', 'The program pays for nobody in the area of this run.')
  }
  return run
}

async function lastRun(ctx: Context, areaIds: readonly string[] | null): Promise<RunRow> {
  const { state, areaId, id, engineVersion } = matchRuns
  const [run] = await query(ctx)
    .select()
    .from(matchRuns)
    .where(
      and(
        await runsWithinReach(ctx),
        inArray(state, ['approved', 'proposed']),
        isNotNull(engineVersion),
        areaIds ? inArray(areaId, [...areaIds]) : undefined,
      ),
    )
    .orderBy(sql`${state} = 'approved' desc`, desc(id))
    .limit(1)
  if (!run) throw new Refusal('state_conflict', 'There is no run yet to simulate upon.')
  return run
}
