import { eq } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import type { PolicyRow } from './adopt-policy.ts'
import { policies } from './tables.ts'

/** @throws Refusal `not_found`. */
export async function getPolicy(ctx: Context, id: string): Promise<PolicyRow> {
  permit(ctx, 'policy.read')
  const [row] = await query(ctx).select().from(policies).where(eq(policies.id, id))
  return found(row, 'policy')
}
