import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import type { PolicyRow } from './get-policy.ts'
import { lockPolicies, nextNumber, supersedeAdopted } from './policy-succession.ts'
import { DraftPolicy } from './schemas.ts'
import { policies } from './tables.ts'

/**
 * Puts a document in force that comes with the deployment: drafted by nobody, consulted on with nobody. The one adopted
 * so far is superseded and stays as it was.
 */
export async function installPolicy(ctx: Context, input: DraftPolicy): Promise<PolicyRow> {
  permit(ctx, 'policy.install')
  const { document, text } = parseInput(DraftPolicy, input)
  return inTransaction(ctx, async (ctx) => {
    await lockPolicies(ctx)
    const number = await nextNumber(ctx)
    const now = ctx.clock()
    const superseded = await supersedeAdopted(ctx)
    const [row] = await ctx.tx
      .insert(policies)
      .values({ id: ctx.newId(), number, state: 'adopted', document, text, createdAt: now, adoptedAt: now })
      .returning()
    await record(ctx, 'policy.install', row!.id, { number, superseded })
    await emit(ctx, 'policy.adopted', row!.id, null, { number })
    return row!
  })
}
