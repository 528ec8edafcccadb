import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { enqueueJob } from '../../platform/jobs/enqueue-job.ts'
import { performSimulation } from './perform-simulation.ts'
import { simulations } from './tables.ts'

export type SimulationRow = typeof simulations.$inferSelect

/** Writes down what is to be simulated, and enqueues it. */
export async function queueSimulation(
  ctx: TransactionContext,
  of: { runId: string; policyId?: string; programId?: string },
  more: { changePercent?: number[] },
): Promise<SimulationRow> {
  const { organizationId } = ctx.actor
  const [simulation] = await ctx.tx
    .insert(simulations)
    .values({ id: ctx.newId(), organizationId, ...of, state: 'queued', createdAt: ctx.clock() })
    .returning()
  const { id } = simulation!
  await enqueueJob(ctx, performSimulation, { simulationId: id, ...more }, { key: `simulation ${id}` })
  await emit(ctx, 'simulation.started', id, organizationId, of)
  return simulation!
}
