import { eq, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { bodyOf } from '../identity/bodies.ts'
import { permit } from '../identity/permissions.ts'
import { organizations } from '../identity/tables.ts'
import { audienceOf, openConsultation, type Speaker, speakerOf } from './open-consultation.ts'
import { CastPolicyVote } from './schemas.ts'
import { policyVotes } from './tables.ts'

export type PolicyVoteRow = typeof policyVotes.$inferSelect

/**
 * Votes on a policy that is out for consultation, for a resident through their app or for a body; until the window
 * closes, a later vote takes the place of an earlier one. Organizations that are one body in law have one vote.
 * @throws Refusal `not_found` for an unknown policy or another partner's resident, `state_conflict` outside the window.
 */
export async function castPolicyVote(
  ctx: Context,
  { policyId, ...input }: CastPolicyVote,
): Promise<PolicyVoteRow> {
  permit(ctx, 'policy_vote.cast')
  const { vote, residentId } = parseInput(CastPolicyVote, input)
  return inTransaction(ctx, async (ctx) => {
    const policy = await openConsultation(ctx, policyId)
    const speaker = await speakerOf(ctx, residentId)
    const voter = await voterOf(ctx, speaker)
    const { ofResident } = voter
    const { organizationId, residentId: resident } = policyVotes
    const [row] = await ctx.tx
      .insert(policyVotes)
      .values({ id: ctx.newId(), policyId, ...voter, vote, at: ctx.clock() })
      .onConflictDoUpdate({
        target: [policyVotes.policyId, ofResident ? resident : organizationId],
        targetWhere: ofResident ? sql`${resident} is not null` : sql`not ${policyVotes.ofResident}`,
        set: { vote, at: ctx.clock() },
      })
      .returning()
    // How a resident votes is theirs: the log says that somebody did.
    const facts = ofResident ? { policyId, ofResident } : { policyId, ofResident, vote }
    await record(ctx, 'policy_vote.cast', row!.id, facts)
    await emit(ctx, 'policy_vote.cast', row!.id, await audienceOf(ctx, policy, speaker), facts)
    return row!
  })
}

async function voterOf(ctx: TransactionContext, speaker: Speaker): Promise<Speaker> {
  if (speaker.ofResident) return speaker
  const [own] = await ctx.tx
    .select({ body: bodyOf })
    .from(organizations)
    .where(eq(organizations.id, speaker.organizationId))
  return { ...speaker, organizationId: own?.body ?? speaker.organizationId }
}
