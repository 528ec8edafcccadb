import { type Context, inTransaction } from '../../platform/context.ts'
import { adoptPolicy, lockPolicies, type PolicyRow } from './adopt-policy.ts'
import { findAdoptedPolicy } from './adopted-policy.ts'
import { DEFAULT_POLICY } from './default-policy.ts'

/** The adopted policy; on a new deployment, the default one, adopted now. Processes may start at once. */
export async function ensureDefaultPolicy(ctx: Context): Promise<PolicyRow> {
  return (
    (await findAdoptedPolicy(ctx)) ??
    inTransaction(ctx, async (ctx) => {
      await lockPolicies(ctx)
      return (await findAdoptedPolicy(ctx)) ?? adoptPolicy(ctx, DEFAULT_POLICY)
    })
  )
}
