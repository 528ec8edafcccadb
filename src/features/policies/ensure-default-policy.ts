import { type Context, inTransaction } from '../../platform/context.ts'
import { findAdoptedPolicy } from './adopted-policy.ts'
import { DEFAULT_POLICY } from './default-policy.ts'
import type { PolicyRow } from './get-policy.ts'
import { installPolicy } from './install-policy.ts'
import { lockPolicies } from './policy-succession.ts'

/** The adopted policy; on a new deployment, the default one, in force from now. Processes may start at once. */
export async function ensureDefaultPolicy(ctx: Context): Promise<PolicyRow> {
  return (
    (await findAdoptedPolicy(ctx)) ??
    inTransaction(ctx, async (ctx) => {
      await lockPolicies(ctx)
      return (await findAdoptedPolicy(ctx)) ?? installPolicy(ctx, DEFAULT_POLICY)
    })
  )
}
