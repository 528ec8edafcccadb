import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { getImport } from './list-imports.ts'
import type { FlawsQuery } from './schemas.ts'
import { importFlaws } from './tables.ts'

export type FlawRow = typeof importFlaws.$inferSelect

/** A page of an import's quarantine report, in the order of the feed. */
export async function listImportFlaws(
  ctx: Context,
  importId: string,
  { limit, cursor = 0, outcome }: Pick<FlawsQuery, 'limit' | 'cursor' | 'outcome'>,
): Promise<{ items: FlawRow[]; nextCursor: number | null }> {
  permit(ctx, 'import.read')
  await getImport(ctx, importId)
  const rows = await readFlaws(ctx, importId, { after: cursor, limit: limit + 1, outcome })
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.ordinal : null }
}

const BATCH = 1000

/** The whole report, in batches: it may be as long as the feed. */
export async function* readReport(
  ctx: Context,
  importId: string,
  outcome?: FlawsQuery['outcome'],
): AsyncGenerator<FlawRow[]> {
  for (let after = 0; ; ) {
    const rows = await readFlaws(ctx, importId, { after, limit: BATCH, outcome })
    if (rows.length > 0) yield rows
    if (rows.length < BATCH) return
    after = rows.at(-1)!.ordinal
  }
}

function readFlaws(
  ctx: Context,
  importId: string,
  { after, limit, outcome }: { after: number; limit: number; outcome: FlawsQuery['outcome'] },
): Promise<FlawRow[]> {
  return query(ctx)
    .select()
    .from(importFlaws)
    .where(
      and(
        eq(importFlaws.importId, importId),
        gt(importFlaws.ordinal, after),
        outcome ? eq(importFlaws.outcome, outcome) : undefined,
      ),
    )
    .orderBy(asc(importFlaws.ordinal))
    .limit(limit)
}
