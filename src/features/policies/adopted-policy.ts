import { eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import type { PolicyRow } from './get-policy.ts'
import { policies } from './tables.ts'

/**
 * The policy in force.
 * @throws Refusal `state_conflict` when none is.
 */
export async function adoptedPolicy(ctx: Context): Promise<PolicyRow> {
  permit(ctx, 'policy.read')
  const row = await findAdoptedPolicy(ctx)
  if (!row) throw new Refusal('state_conflict', 'No policy is adopted yet.')
  return row
}

/** The policy in force, or null before the first adoption. */
export async function findAdoptedPolicy(ctx: Context): Promise<PolicyRow | null> {
  const [row] = await query(ctx).select().from(policies).where(eq(policies.state, 'adopted'))
  return row ?? null
}
