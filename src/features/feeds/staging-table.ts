import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { stagingTableOf } from './staged-columns.ts'

/** Makes the import's table, empty, whatever a try before has left. */
export async function createStaging(ctx: TransactionContext, importId: string): Promise<void> {
  await dropStaging(ctx, importId)
  const table = sql.identifier(stagingTableOf(importId))
  // Unlogged: after a crash of the server it is empty; `applyImport` notices, and the import begins again.
  await ctx.tx.execute(sql`create unlogged table ${table} (like staged_records including defaults)`)
}

export async function dropStaging(ctx: TransactionContext, importId: string): Promise<void> {
  await ctx.tx.execute(sql`drop table if exists ${sql.identifier(stagingTableOf(importId))}`)
}
