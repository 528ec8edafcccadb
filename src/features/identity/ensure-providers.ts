import { and, eq, inArray, sql } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { emit } from '../../platform/events/emit.ts'
import type { Sector } from './schemas.ts'
import { organizations } from './tables.ts'

export interface KnownProvider {
  id: string
  name: string
  sector: Sector
}

/**
 * Makes sure that providers a directory describes are organizations here, under the directory's own ids. Name and
 * sector follow the directory, save for an organization that was registered here. Asks for no permission of its own: the
 * verbs that call it do.
 * @param providers at most one per id.
 * @returns the ids that are providers; another kind of organization may have the id of one.
 */
export async function ensureProviders(
  ctx: TransactionContext,
  providers: readonly KnownProvider[],
): Promise<Set<string>> {
  const ids = new Set<string>()
  let created = 0
  for (const chunk of chunks(providers)) {
    const written = await ctx.tx
      .insert(organizations)
      .values(chunk.map((provider) => ({ ...provider, ...fixed(ctx, provider.id) })))
      .onConflictDoUpdate({
        target: organizations.id,
        set: { name: sql`excluded.name`, sector: sql`excluded.sector` },
        setWhere: sql`${organizations.sourceRef} = excluded.source_ref
          and (${organizations.name}, ${organizations.sector}) is distinct from (excluded.name, excluded.sector)`,
      })
      .returning({ created: sql<boolean>`(xmax = 0)` })
    created += written.filter((row) => row.created).length
    const wanted = chunk.map(({ id }) => id)
    const rows = await ctx.tx
      .select({ id: organizations.id })
      .from(organizations)
      .where(and(inArray(organizations.id, wanted), eq(organizations.kind, 'provider')))
    for (const { id } of rows) ids.add(id)
  }
  if (created > 0) {
    const batchId = ctx.newId()
    await record(ctx, 'organizations.create', batchId, { created, from: 'directory' })
    await emit(ctx, 'organizations.created', batchId, null, { created })
  }
  return ids
}

/** The source reference marks an organization as the directory's. */
function fixed(ctx: TransactionContext, id: string) {
  return { kind: 'provider' as const, sourceRef: `directory:${id}`, createdAt: ctx.clock() }
}
