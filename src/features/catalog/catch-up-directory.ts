import { and, asc, eq, gt, notExists, sql } from 'drizzle-orm'
import { type Context, inTransaction, query } from '../../platform/context.ts'
import { directoryRecords } from '../directory/tables.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { offerings } from './tables.ts'

const BATCH = 500

/**
 * Tells the directory of published offerings that it does not know: those that were published before there was one.
 * Run when a database is opened; costs one query where nothing is missing.
 * @returns how many were told.
 */
export async function catchUpDirectory(ctx: Context): Promise<number> {
  let told = 0
  for (let after: string | undefined; ; ) {
    const missing = await query(ctx)
      .select({ id: offerings.id })
      .from(offerings)
      .where(
        and(eq(offerings.state, 'published'), after ? gt(offerings.id, after) : undefined, isUntold(ctx)),
      )
      .orderBy(asc(offerings.id))
      .limit(BATCH)
    if (missing.length === 0) return told
    const offeringIds = missing.map(({ id }) => id)
    await inTransaction(ctx, (ctx) => publishToDirectory(ctx, { offeringIds }))
    told += offeringIds.length
    after = offeringIds.at(-1)
  }
}

const isUntold = (ctx: Context) =>
  notExists(
    query(ctx)
      .select({ one: sql`1` })
      .from(directoryRecords)
      .where(and(eq(directoryRecords.kind, 'service_at_location'), eq(directoryRecords.id, offerings.id))),
  )
