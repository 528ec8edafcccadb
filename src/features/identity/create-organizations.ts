import { inArray } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from './permissions.ts'
import { CreateOrganization } from './schemas.ts'
import { organizations } from './tables.ts'

/**
 * Registers many organizations at once, for imports. One that is known by its source reference is left as it is.
 * @returns the id of every source reference, and how many are new.
 */
export async function createOrganizations(
  ctx: Context,
  input: readonly (CreateOrganization & { sourceRef: string })[],
): Promise<{ ids: Map<string, string>; created: number; existing: number }> {
  permit(ctx, 'organization.create')
  const wanted = input.map((organization) => parseInput(CreateOrganization, organization))
  return inTransaction(ctx, async (ctx) => {
    const ids = new Map<string, string>()
    let created = 0
    for (const chunk of chunks(wanted)) {
      const inserted = await ctx.tx
        .insert(organizations)
        .values(chunk.map((organization) => ({ id: ctx.newId(), ...organization, createdAt: ctx.clock() })))
        .onConflictDoNothing({ target: organizations.sourceRef })
        .returning({ id: organizations.id })
      created += inserted.length
      const rows = await ctx.tx
        .select({ id: organizations.id, sourceRef: organizations.sourceRef })
        .from(organizations)
        .where(
          inArray(
            organizations.sourceRef,
            chunk.map(({ sourceRef }) => sourceRef!),
          ),
        )
      for (const row of rows) ids.set(row.sourceRef!, row.id)
    }
    const batchId = ctx.newId()
    await record(ctx, 'organizations.create', batchId, { created, existing: ids.size - created })
    await emit(ctx, 'organizations.created', batchId, null, { created })
    return { ids, created, existing: ids.size - created }
  })
}
