import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { audienceOf, openConsultation, speakerOf } from './open-consultation.ts'
import { GivePolicyComment } from './schemas.ts'
import { policyComments } from './tables.ts'

export type PolicyCommentRow = typeof policyComments.$inferSelect

/**
 * Says something of a policy that is out for consultation: in the name of a resident, through their app, or of the
 * actor's own organization.
 * @throws Refusal `not_found` for an unknown policy or another partner's resident, `state_conflict` outside the window.
 */
export async function givePolicyComment(
  ctx: Context,
  { policyId, ...input }: GivePolicyComment,
): Promise<PolicyCommentRow> {
  permit(ctx, 'policy_comment.give')
  const { text, residentId } = parseInput(GivePolicyComment, input)
  return inTransaction(ctx, async (ctx) => {
    const policy = await openConsultation(ctx, policyId)
    const speaker = await speakerOf(ctx, residentId)
    const [row] = await ctx.tx
      .insert(policyComments)
      .values({ id: ctx.newId(), policyId, ...speaker, text, createdAt: ctx.clock() })
      .returning()
    const { ofResident } = speaker
    await record(ctx, 'policy_comment.give', row!.id, { policyId, ofResident })
    await emit(ctx, 'policy_comment.given', row!.id, await audienceOf(ctx, policy, speaker), {
      policyId,
      ofResident,
    })
    return row!
  })
}
