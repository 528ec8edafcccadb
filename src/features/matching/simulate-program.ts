import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { areaLineage } from '../communities/area-lineage.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { getProgram } from '../programs/get-program.ts'
import type { ProgramState } from '../programs/schemas.ts'
import { queueSimulation, type SimulationRow } from './queue-simulation.ts'
import { runToSimulate } from './simulation-run.ts'
import { SimulateProgram } from './simulation-schemas.ts'

const SIMULATED: readonly ProgramState[] = ['draft', 'submitted', 'approved', 'open']

/**
 * Has the needs of a run solved with the program as it is and with its budget changed, to see what the money buys.
 * @throws Refusal `not_found` for a program or a run beyond the actor's reach, `state_conflict` for a program that is
 *   frozen or closed, a run that is not solved or is over areas that the program does not pay for, or where there is none.
 */
export async function simulateProgram(
  ctx: Context,
  { programId, ...input }: SimulateProgram & { programId: string },
): Promise<SimulationRow> {
  permit(ctx, 'program.simulate')
  const { runId, changePercent } = parseInput(SimulateProgram, input)
  return inTransaction(ctx, async (ctx) => {
    const { areaId, state } = await getProgram(ctx, programId)
    if (!SIMULATED.includes(state)) {
      throw new Refusal('state_conflict', `A program that is ${state} buys nothing more.`)
    }
    // Runs over a part of its area or over more than that: some of their residents are whom it pays for.
    const above = (await areaLineage(ctx, areaId)).map(({ id }) => id)
    const run = await runToSimulate(ctx, runId, [...above, ...(await areaSubtree(ctx, areaId))])
    const simulation = await queueSimulation(ctx, { runId: run.id, programId }, { changePercent })
    await record(ctx, 'program.simulate', programId, {
      simulationId: simulation.id,
      runId: run.id,
      changePercent,
    })
    return simulation
  })
}
