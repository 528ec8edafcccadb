import { inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { areas } from '../communities/tables.ts'
import { permit } from '../identity/permissions.ts'
import { adoptedPolicy } from './adopted-policy.ts'
import { getPolicy } from './get-policy.ts'
import { differenceBetween } from './policy-difference.ts'
import type { PolicyDifference, PolicyDocument } from './schemas.ts'

/**
 * What a version of the policy changes in another one, the one in force by default, in words.
 * @throws Refusal `not_found` for either, `state_conflict` where none is in force to compare with.
 */
export async function comparePolicies(
  ctx: Context,
  { id, from }: { id: string; from?: string | undefined },
): Promise<PolicyDifference> {
  permit(ctx, 'policy.read')
  const after = await getPolicy(ctx, id)
  const before = from ? await getPolicy(ctx, from) : await adoptedPolicy(ctx)
  const names = await namesOfAreas(ctx, [before.document, after.document])
  return {
    from: before.id,
    to: after.id,
    differences: differenceBetween(before.document, after.document, names),
    textChanged: before.text !== after.text,
  }
}

async function namesOfAreas(
  ctx: Context,
  documents: readonly PolicyDocument[],
): Promise<Map<string, string>> {
  const groups = documents.flatMap(({ floors = [] }) => floors.map(({ group }) => group))
  const ids = groups.filter(({ by }) => by === 'area').map(({ value }) => value)
  const { id, name } = areas
  const rows = await query(ctx).select({ id, name }).from(areas).where(inArray(id, ids))
  return new Map(rows.map((row) => [row.id, row.name]))
}
