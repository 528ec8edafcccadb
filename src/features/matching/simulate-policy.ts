import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { getPolicy } from '../policies/get-policy.ts'
import { queueSimulation, type SimulationRow } from './queue-simulation.ts'
import { runToSimulate } from './simulation-run.ts'
import { SimulatePolicy } from './simulation-schemas.ts'

/**
 * Has the needs of a run solved under the policy in force and under a draft, to see what the draft would change.
 * @throws Refusal `not_found` for a policy or a run beyond the actor's reach, `state_conflict` for a policy that is no
 *   draft any more, a run that is not solved, or where there is none.
 */
export async function simulatePolicy(
  ctx: Context,
  { policyId, ...input }: SimulatePolicy & { policyId: string },
): Promise<SimulationRow> {
  permit(ctx, 'policy.simulate')
  const { runId } = parseInput(SimulatePolicy, input)
  return inTransaction(ctx, async (ctx) => {
    const policy = await getPolicy(ctx, policyId)
    if (policy.state !== 'draft' && policy.state !== 'consultation') {
      throw new Refusal(
        'state_conflict',
        `Only what is not adopted yet is simulated; this is ${policy.state}.`,
      )
    }
    const run = await runToSimulate(ctx, runId, null)
    const simulation = await queueSimulation(ctx, { runId: run.id, policyId }, {})
    await record(ctx, 'policy.simulate', policyId, { simulationId: simulation.id, runId: run.id })
    return simulation
  })
}
