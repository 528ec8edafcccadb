/** The job of a simulation: solve in a thread, then write down what would have come out. */
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { bulkLaneFor } from '../../platform/db/bulk-lane.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { runInThread } from '../../platform/jobs/thread.ts'
import { findAdoptedPolicy } from '../policies/adopted-policy.ts'
import { policies } from '../policies/tables.ts'
import { programs } from '../programs/tables.ts'
import { programTerms } from './instant/program-terms.ts'
import type { Question, SimulationReply, SimulationRequest } from './simulation-protocol.ts'
import { matchRuns, simulations } from './tables.ts'

export const performSimulation = defineJob({
  name: 'simulation.perform',
  payload: z.object({ simulationId: z.uuid(), changePercent: z.array(z.number().int()).optional() }),
  attempts: 3,
  async perform(ctx, { simulationId, changePercent = [0] }, job) {
    const simulation = await beginSimulation(ctx, simulationId)
    if (!simulation) return
    const { runId, policyId, programId, organizationId } = simulation
    const question = policyId
      ? await askPolicy(ctx, policyId)
      : await askProgram(ctx, programId!, changePercent)
    const report = await solveInThread(ctx, runId, question, job.signal)
    await job.finish(async (ctx) => {
      await ctx.tx
        .update(simulations)
        .set({ state: 'finished', report, finishedAt: ctx.clock() })
        .where(eq(simulations.id, simulationId))
      await record(ctx, 'simulation.finish', simulationId, { runId, policyId, programId })
      await emit(ctx, 'simulation.finished', simulationId, organizationId, { runId, policyId, programId })
    })
  },
  async onGivenUp(ctx, { simulationId }, failure) {
    await ctx.tx
      .update(simulations)
      .set({ state: 'failed', failure, finishedAt: ctx.clock() })
      .where(eq(simulations.id, simulationId))
  },
})

async function beginSimulation(ctx: Context, id: string) {
  const [simulation] = await ctx.db.root
    .update(simulations)
    .set({ state: 'running' })
    .where(eq(simulations.id, id))
    .returning()
  return simulation
}

async function askPolicy(ctx: Context, policyId: string): Promise<Question> {
  const inForce = await findAdoptedPolicy(ctx)
  if (!inForce) throw new Refusal('state_conflict', 'No policy is adopted yet.')
  const adopted = { id: inForce.id, document: inForce.document }
  const [policy] = await ctx.db.root.select().from(policies).where(eq(policies.id, policyId))
  const { version, document: draft } = policy!
  return { kind: 'policy', version, adopted, draft }
}

async function askProgram(ctx: Context, id: string, changePercent: number[]): Promise<Question> {
  const [row] = await ctx.db.root.select().from(programs).where(eq(programs.id, id))
  const { version, budget } = row!
  const [terms] = (await programTerms(ctx, [{ id, version }])) ?? []
  if (!terms) throw new Error('The program was changed meanwhile.')
  const { fundAccountId, ...program } = terms
  return { kind: 'program', version, program, accountId: fundAccountId ?? id, budget, changePercent }
}

async function solveInThread(
  ctx: Context,
  runId: string,
  question: Question,
  signal: AbortSignal,
): Promise<SimulationReply> {
  const [run] = await ctx.db.root.select().from(matchRuns).where(eq(matchRuns.id, runId))
  const { seed, rounds } = run!
  const lane = bulkLaneFor(ctx.db)
  const { encryptionKey } = ctx
  const request: SimulationRequest = { question, runId, seed, rounds, lane: lane.descriptor, encryptionKey }
  return runInThread<SimulationRequest, SimulationReply>(
    new URL('./simulation-thread.ts', import.meta.url),
    request,
    { signal, transfer: lane.transfer, serve: [lane] },
  )
}
