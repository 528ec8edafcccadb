import { eq, sql } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { assumeDuty } from '../identity/assume-duty.ts'
import { permit } from '../identity/permissions.ts'
import { type PolicyRow, reachPolicy } from './get-policy.ts'
import { nextPolicyState } from './policy-lifecycle.ts'
import { DraftPolicy } from './schemas.ts'
import { policies } from './tables.ts'

/**
 * Writes a draft anew. Whoever does has the duty of its creator from then on, beside the first one.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` for what is no draft any more, `duty_conflict`.
 */
export async function revisePolicy(
  ctx: Context,
  { id, expectedVersion, ...input }: DraftPolicy & { id: string; expectedVersion: number },
): Promise<PolicyRow> {
  return attempted(ctx, { action: 'policy.revise', objectId: id }, async (ctx) => {
    permit(ctx, 'policy.revise')
    const { document, text } = parseInput(DraftPolicy, input)
    const policy = await reachPolicy(ctx, id)
    await assumeDuty(ctx, id, 'create')
    requireVersion(policy, expectedVersion)
    const state = nextPolicyState('revise', policy.state)
    const [row] = await ctx.tx
      .update(policies)
      .set({ state, document, text, version: sql`${policies.version} + 1` })
      .where(eq(policies.id, id))
      .returning()
    const { number } = policy
    await record(ctx, 'policy.revise', id, { number })
    await emit(ctx, 'policy.revised', id, ctx.actor.organizationId, { number })
    return row!
  })
}
