import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { stagingTableOf } from './staged-columns.ts'

/**
 * Appends to the report what kept services at locations out of matching, at the place of the feed where each stands.
 * @param flawsSoFar rows in the report.
 */
export async function appendFlaws(
  ctx: TransactionContext,
  importId: string,
  flawsSoFar: number,
  flaws: readonly { id: string; field: string; reason: string }[],
): Promise<void> {
  const table = sql.identifier(stagingTableOf(importId))
  let ordinal = flawsSoFar
  for (const chunk of chunks(flaws)) {
    await ctx.tx.execute(sql`
      insert into import_flaws (import_id, ordinal, file, line, field, reason, value, outcome)
      select ${importId}::uuid, ${ordinal}::int + flaw.ordinal, coalesce(staged.file, ''), coalesce(staged.line, 0),
        flaw.field, flaw.reason, flaw.id, 'kept'
      from rows from (jsonb_to_recordset(${JSON.stringify(chunk)}::jsonb) as (id text, field text, reason text))
        with ordinality flaw (id, field, reason, ordinal)
      left join ${table} staged on staged.kind = 'service_at_location' and staged.id = flaw.id::uuid
        and not staged.is_repeat`)
    ordinal += chunk.length
  }
}
