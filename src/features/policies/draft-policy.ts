import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import type { PolicyRow } from './get-policy.ts'
import { lockPolicies, nextNumber } from './policy-succession.ts'
import { DraftPolicy } from './schemas.ts'
import { policies } from './tables.ts'

/** Writes down a policy as the next version, for the actor's organization and supervisors to see. */
export async function draftPolicy(ctx: Context, input: DraftPolicy): Promise<PolicyRow> {
  permit(ctx, 'policy.draft')
  const { document, text } = parseInput(DraftPolicy, input)
  const { principalId, organizationId } = ctx.actor
  return inTransaction(ctx, async (ctx) => {
    await lockPolicies(ctx)
    const number = await nextNumber(ctx)
    const drafted = { number, document, text, draftedBy: principalId }
    const [row] = await ctx.tx
      .insert(policies)
      .values({ id: ctx.newId(), state: 'draft', ...drafted, createdAt: ctx.clock() })
      .returning()
    await assumeDuty(ctx, row!.id, 'create')
    await record(ctx, 'policy.draft', row!.id, { number })
    await emit(ctx, 'policy.drafted', row!.id, organizationId, { number })
    return row!
  })
}
