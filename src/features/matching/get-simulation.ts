import { and, desc, eq, lt, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { getPolicy } from '../policies/get-policy.ts'
import { getProgram } from '../programs/get-program.ts'
import type { SimulationRow } from './queue-simulation.ts'
import { simulations } from './tables.ts'

/**
 * What somebody who may see the policy or the program may see of its simulations: from a policy's consultation on, that
 * is everybody.
 * @throws Refusal `not_found` beyond the actor's reach.
 */
export async function getSimulation(ctx: Context, id: string): Promise<SimulationRow> {
  permit(ctx, 'simulation.read')
  const [row] = await query(ctx).select().from(simulations).where(eq(simulations.id, id))
  const simulation = found(row, 'simulation')
  const { policyId, programId } = simulation
  try {
    if (policyId) await getPolicy(ctx, policyId)
    if (programId) await getProgram(ctx, programId)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    found(null, 'simulation')
  }
  return simulation
}

/** The simulations of a policy, newest first. @throws Refusal `not_found` beyond the actor's reach. */
export async function listPolicySimulations(
  ctx: Context,
  policyId: string,
  page: PageQuery,
): Promise<Page<SimulationRow>> {
  permit(ctx, 'simulation.read')
  await getPolicy(ctx, policyId)
  return listSimulations(ctx, eq(simulations.policyId, policyId), page)
}

/** The simulations of a program, newest first. @throws Refusal `not_found` beyond the actor's reach. */
export async function listProgramSimulations(
  ctx: Context,
  programId: string,
  page: PageQuery,
): Promise<Page<SimulationRow>> {
  await getProgram(ctx, programId)
  return listSimulations(ctx, eq(simulations.programId, programId), page)
}

async function listSimulations(
  ctx: Context,
  whose: SQL,
  { limit, cursor }: PageQuery,
): Promise<Page<SimulationRow>> {
  const rows = await query(ctx)
    .select()
    .from(simulations)
    .where(and(whose, cursor ? lt(simulations.id, cursor) : undefined))
    .orderBy(desc(simulations.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
