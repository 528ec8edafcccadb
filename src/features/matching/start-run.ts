import { and, eq, inArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { enqueueJob } from '../../platform/jobs/enqueue-job.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { adoptedPolicy } from '../policies/adopted-policy.ts'
import { performRun } from './perform-run.ts'
import { StartRun } from './schemas.ts'
import { matchRuns } from './tables.ts'

export type RunRow = typeof matchRuns.$inferSelect

/**
 * Queues a run over an area's open needs for a period, under the adopted policy.
 * @throws Refusal `not_found` for an area beyond the actor's reach, `invalid_input` for a month that is over,
 *   `duplicate` while another run over some of the same needs is under way, `state_conflict` where another policy is in
 *   force than the one that the order names.
 */
export async function startRun(ctx: Context, input: StartRun): Promise<RunRow> {
  permit(ctx, 'run.start')
  const wanted = parseInput(StartRun, input)
  refusePast(wanted.period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const reachable = await areaSubtree(ctx, ctx.actor.areaId ?? wanted.areaId)
    if (!reachable.includes(wanted.areaId)) throw new Refusal('not_found', 'There is no such area.')
    await refuseOverlap(ctx, wanted)
    const policy = await adoptedPolicy(ctx)
    if (wanted.policyId && wanted.policyId !== policy.id) {
      throw new Refusal('state_conflict', 'Another policy is in force than the one that is expected.')
    }
    const [run] = await ctx.tx
      .insert(matchRuns)
      .values({
        id: ctx.newId(),
        organizationId: ctx.actor.organizationId,
        ...wanted,
        policyId: policy.id,
        state: 'queued',
        progress: { phase: 'queued', round: null, value: null, bound: null },
        createdAt: ctx.clock(),
      })
      .returning()
    await assumeDuty(ctx, run!.id, 'create')
    await enqueueJob(ctx, performRun, { runId: run!.id }, { key: `run ${run!.id}` })
    await record(ctx, 'run.start', run!.id, {
      areaId: wanted.areaId,
      period: wanted.period,
      seed: wanted.seed,
    })
    await emit(ctx, 'run.started', run!.id, ctx.actor.organizationId)
    return run!
  })
}

/**
 * Two runs with an area in common would take each other's needs, whichever of the two areas is the larger.
 * @throws Refusal `duplicate` while one is under way.
 */
export async function refuseOverlap(
  ctx: TransactionContext,
  { areaId, period }: { areaId: string; period: string },
): Promise<void> {
  // One order for a period at a time: the next one must see this one.
  await ctx.tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`match_runs ${period}`}, 0))`)
  const active = await ctx.tx
    .select({ areaId: matchRuns.areaId })
    .from(matchRuns)
    .where(and(eq(matchRuns.period, period), inArray(matchRuns.state, ['queued', 'running'])))
  const parts = await areaSubtree(ctx, areaId)
  for (const other of active) {
    if (!parts.includes(other.areaId) && !(await areaSubtree(ctx, other.areaId)).includes(areaId)) continue
    throw new Refusal('duplicate', `A run over needs of this area is under way for ${period}.`)
  }
}
