import { eq } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { locations } from './tables.ts'

/** Tells the directory what an organization is called now; it lists those that have a place. */
export async function retellOrganization(ctx: TransactionContext, organizationId: string): Promise<void> {
  const [place] = await ctx.tx
    .select({ id: locations.id })
    .from(locations)
    .where(eq(locations.organizationId, organizationId))
    .orderBy(locations.id)
    .limit(1)
  if (place) await publishToDirectory(ctx, { locationIds: [place.id] })
}
