import { inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { organizations } from './tables.ts'

/**
 * Makes sure that organizations named in an input exist.
 * @param wanted an organization's id and the path of the field that names it.
 * @throws Refusal `invalid_input` with a pointer to every field that names no organization.
 */
export async function requireOrganizations(
  ctx: Context,
  wanted: readonly { id: string; path: (string | number)[] }[],
): Promise<void> {
  const known = new Set<string>()
  for (const chunk of chunks([...new Set(wanted.map(({ id }) => id))])) {
    const rows = await query(ctx)
      .select({ id: organizations.id })
      .from(organizations)
      .where(inArray(organizations.id, chunk))
    for (const { id } of rows) known.add(id)
  }
  const unknown = wanted.filter(({ id }) => !known.has(id))
  if (unknown.length > 0) {
    throw invalidInput(unknown.map(({ path }) => ({ path, message: 'there is no such organization' })))
  }
}
