import type { TransactionContext } from '../../platform/context.ts'
import { services } from './tables.ts'

/** The organization's service of this category, term and name; a new one where there is none yet. */
export async function reuseService(
  ctx: TransactionContext,
  wanted: Omit<typeof services.$inferInsert, 'id' | 'createdAt'>,
): Promise<string> {
  const [row] = await ctx.tx
    .insert(services)
    .values({ id: ctx.newId(), ...wanted, createdAt: ctx.clock() })
    .onConflictDoUpdate({
      target: [services.organizationId, services.category, services.term, services.name],
      // Touching the row makes RETURNING give the existing one back.
      set: { name: wanted.name },
    })
    .returning({ id: services.id })
  return row!.id
}
