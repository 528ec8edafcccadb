import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { residents } from './tables.ts'

/** The partner whose app registered the resident. */
export async function partnerOf(ctx: TransactionContext, residentId: string): Promise<string> {
  const [row] = await ctx.tx
    .select({ organizationId: residents.organizationId })
    .from(residents)
    .where(eq(residents.id, residentId))
  return row!.organizationId
}
