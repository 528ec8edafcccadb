import { and, eq, inArray, ne, or, type SQL } from 'drizzle-orm'
import { type Context, query, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { ownOrSeconded } from '../identity/bodies.ts'
import { permit, SYSTEM } from '../identity/permissions.ts'
import { principals } from '../identity/tables.ts'
import { lockPolicies } from './policy-succession.ts'
import { policies } from './tables.ts'

export type PolicyRow = typeof policies.$inferSelect

/** @throws Refusal `not_found`, also for another organization's draft. */
export async function getPolicy(ctx: Context, id: string): Promise<PolicyRow> {
  permit(ctx, 'policy.read')
  const [row] = await query(ctx)
    .select()
    .from(policies)
    .where(and(eq(policies.id, id), shownPolicies(ctx)))
  return found(row, 'policy')
}

/**
 * A policy to change, with no other change of any policy until the transaction ends.
 * @throws Refusal `not_found`, also for another organization's draft; `forbidden` for what another organization drafted
 *   and everybody sees.
 */
export async function reachPolicy(ctx: TransactionContext, id: string): Promise<PolicyRow> {
  await lockPolicies(ctx)
  const policy = await getPolicy(ctx, id)
  const [own] = await ctx.tx
    .select({ id: policies.id })
    .from(policies)
    .where(and(eq(policies.id, id), draftedBy(ctx)))
  if (!own) throw new Refusal('forbidden', 'Another organization drafted this policy.')
  return policy
}

/** A draft is shown to the purchasers who draft it and to supervisors; from its consultation on, a policy to everybody. */
export function shownPolicies(ctx: Context): SQL | undefined {
  const { role } = ctx.actor
  if (role === SYSTEM.role || role === 'supervisor') return undefined
  const shown = ne(policies.state, 'draft')
  return role.startsWith('purchaser') ? or(shown, draftedBy(ctx)) : shown
}

/** Drafted by the actor's organization, or by one that it approves for. */
function draftedBy(ctx: Context): SQL | undefined {
  if (ctx.actor.role === SYSTEM.role) return undefined
  const drafters = query(ctx)
    .select({ id: principals.id })
    .from(principals)
    .where(ownOrSeconded(ctx.actor, principals.organizationId))
  return inArray(policies.draftedBy, drafters)
}
