import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { getPolicy } from '../policies/get-policy.ts'
import type { PolicyCommentRow } from './give-policy-comment.ts'
import { policyComments } from './tables.ts'

/** A comment as far as its reader may know whose it is. */
export type ShownPolicyComment = Omit<PolicyCommentRow, 'organizationId'> & { organizationId: string | null }

/**
 * What was said of a policy, in the order in which it was said.
 * @throws Refusal `not_found` for a policy that the actor may not see.
 */
export async function listPolicyComments(
  ctx: Context,
  { policyId, limit, cursor }: PageQuery & { policyId: string },
): Promise<Page<ShownPolicyComment>> {
  permit(ctx, 'policy_comment.read')
  await getPolicy(ctx, policyId)
  const rows = await query(ctx)
    .select()
    .from(policyComments)
    .where(and(eq(policyComments.policyId, policyId), cursor ? gt(policyComments.id, cursor) : undefined))
    .orderBy(asc(policyComments.id))
    .limit(limit + 1)
  return toPage(rows.map(shownTo(ctx)), limit)
}

/** A resident's words are for all, who said them for their own app alone; a small app would tell as much as a name. */
export function shownTo(ctx: Context): (row: PolicyCommentRow) => ShownPolicyComment {
  const { organizationId } = ctx.actor
  return (row) =>
    row.ofResident && row.organizationId !== organizationId
      ? { ...row, organizationId: null, residentId: null }
      : row
}
