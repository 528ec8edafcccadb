import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { touchServices } from './put-records.ts'
import { directoryWithheld } from './tables.ts'

/**
 * Takes services at locations out of the directory, whoever describes them. Their services count as modified, and are
 * not shown either where no other place is left. Asks for no permission of its own, as `putRecords`.
 */
export async function withholdPlaces(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  const withheld: string[] = []
  for (const chunk of chunks(ids)) {
    const rows = await ctx.tx
      .insert(directoryWithheld)
      .values(chunk.map((placeId) => ({ placeId })))
      .onConflictDoNothing()
      .returning()
    withheld.push(...rows.map(({ placeId }) => placeId))
  }
  await touch(ctx, withheld)
}

/** Shows again what was withheld. */
export async function showPlaces(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  const shown: string[] = []
  for (const chunk of chunks(ids)) {
    const rows = await ctx.tx
      .delete(directoryWithheld)
      .where(isOneOf(directoryWithheld.placeId, chunk))
      .returning()
    shown.push(...rows.map(({ placeId }) => placeId))
  }
  await touch(ctx, shown)
}

function touch(ctx: TransactionContext, ids: readonly string[]): Promise<void> {
  const places = ids.map((id) => ({ kind: 'service_at_location' as const, id }))
  return touchServices(ctx, places, ctx.clock())
}
