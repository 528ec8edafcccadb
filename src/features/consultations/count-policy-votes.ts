import { count, eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { getPolicy } from '../policies/get-policy.ts'
import { FEWEST_RESIDENTS, type PolicyVoteCounts } from './schemas.ts'
import { policyVotes } from './tables.ts'

/**
 * How residents and how bodies vote on a policy.
 * @throws Refusal `not_found` for a policy that the actor may not see.
 */
export async function countPolicyVotes(ctx: Context, policyId: string): Promise<PolicyVoteCounts> {
  permit(ctx, 'policy_vote.read')
  await getPolicy(ctx, policyId)
  const { vote, ofResident } = policyVotes
  const rows = await query(ctx)
    .select({ ofResident, vote, votes: count() })
    .from(policyVotes)
    .where(eq(policyVotes.policyId, policyId))
    .groupBy(ofResident, vote)
  const counted = {
    residents: { for: 0, against: 0, abstain: 0 },
    bodies: { for: 0, against: 0, abstain: 0 },
  }
  for (const row of rows) counted[row.ofResident ? 'residents' : 'bodies'][row.vote] = row.votes
  const { residents, bodies } = counted
  return { policyId, residents: isTold(ctx, residents) ? residents : null, bodies }
}

function isTold(ctx: Context, votes: { for: number; against: number; abstain: number }): boolean {
  const { role } = ctx.actor
  if (role === 'supervisor' || role.startsWith('purchaser')) return true
  return votes.for + votes.against + votes.abstain >= FEWEST_RESIDENTS
}
