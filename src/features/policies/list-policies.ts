import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { type PolicyRow, shownPolicies } from './get-policy.ts'
import type { PolicyState } from './schemas.ts'
import { policies } from './tables.ts'

/** Versions of the policy in the order in which they were written, those that the actor may see. */
export async function listPolicies(
  ctx: Context,
  { limit, cursor, state }: PageQuery & { state?: PolicyState | undefined },
): Promise<Page<PolicyRow>> {
  permit(ctx, 'policy.read')
  const rows = await query(ctx)
    .select()
    .from(policies)
    .where(
      and(
        cursor ? gt(policies.id, cursor) : undefined,
        state ? eq(policies.state, state) : undefined,
        shownPolicies(ctx),
      ),
    )
    .orderBy(asc(policies.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
