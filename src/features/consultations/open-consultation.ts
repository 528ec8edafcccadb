import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { principals } from '../identity/tables.ts'
import { getPolicy, type PolicyRow } from '../policies/get-policy.ts'
import { phaseOf } from '../policies/policy-lifecycle.ts'
import { findResident } from '../residents/find-resident.ts'

/**
 * The policy, while it takes comments and votes.
 * @throws Refusal `not_found`, `state_conflict` before the window opens and once it has closed.
 */
export async function openConsultation(ctx: TransactionContext, policyId: string): Promise<PolicyRow> {
  const policy = await getPolicy(ctx, policyId)
  const phase = phaseOf(policy, ctx.clock())
  if (policy.state === 'consultation' && phase === 'open') return policy
  const facts = {
    state: policy.state,
    consultedFrom: policy.consultedFrom?.toISOString() ?? null,
    consultedUntil: policy.consultedUntil?.toISOString() ?? null,
  }
  throw new Refusal('state_conflict', SENTENCES[phase], { facts })
}

const SENTENCES = {
  none: 'There is no consultation on this policy.',
  before: 'The consultation on this policy has not begun.',
  open: 'The consultation on this policy is over.',
  over: 'The consultation on this policy is over.',
}

/** Who speaks. */
export interface Speaker {
  organizationId: string
  ofResident: boolean
  residentId: string | null
}

/**
 * The resident whom the actor's app speaks for, or the actor's organization itself.
 * @throws Refusal `not_found` for another partner's resident and for one that is erased.
 */
export async function speakerOf(ctx: TransactionContext, residentId: string | undefined): Promise<Speaker> {
  if (residentId === undefined) {
    return { organizationId: ctx.actor.organizationId, ofResident: false, residentId: null }
  }
  const { organizationId } = await findResident(ctx, residentId)
  return { organizationId, ofResident: true, residentId }
}

/** Who is told that somebody spoke: the organization that asked, and the one that spoke or through whose app it was. */
export async function audienceOf(
  ctx: TransactionContext,
  { draftedBy }: PolicyRow,
  { organizationId }: Speaker,
): Promise<string[]> {
  if (!draftedBy) return [organizationId]
  const [drafter] = await ctx.tx
    .select({ organizationId: principals.organizationId })
    .from(principals)
    .where(eq(principals.id, draftedBy))
  return drafter ? [drafter.organizationId, organizationId] : [organizationId]
}
