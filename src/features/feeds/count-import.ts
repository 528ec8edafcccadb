import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import type { PutStaged } from '../directory/put-staged-records.ts'
import { RECORD_KIND_NAMES, type RecordKind } from '../directory/record.ts'
import type { ImportReply } from './import-protocol.ts'
import type { RowAccount } from './row-accounts.ts'
import type { ImportResult, KindCounts } from './schemas.ts'
import { stagingTableOf } from './staged-columns.ts'

interface Scope {
  importId: string
  feedId: string
}

/** What became of the records, by kind and in all. */
export async function countRecords(
  ctx: TransactionContext,
  scope: Scope,
  put: PutStaged,
  refusedBefore: ImportReply['refused'],
): Promise<Pick<ImportResult, 'total' | 'kinds'>> {
  const refused = await refusedByKind(ctx, scope)
  const missing = await missingByKind(ctx, scope)
  const kinds: ImportResult['kinds'] = {}
  const total: KindCounts = { created: 0, updated: 0, unchanged: 0, refused: 0, missing: 0 }
  for (const kind of RECORD_KIND_NAMES) {
    const counts: KindCounts = {
      ...(put.kinds[kind] ?? { created: 0, updated: 0, unchanged: 0 }),
      refused: (refusedBefore[kind] ?? 0) + (refused[kind] ?? 0),
      missing: missing[kind] ?? 0,
    }
    if (Object.values(counts).every((count) => count === 0)) continue
    kinds[kind] = counts
    for (const name of Object.keys(total) as (keyof KindCounts)[]) total[name] += counts[name]
  }
  return { total, kinds }
}

type ByKind = Partial<Record<RecordKind, number>>

function byKind(rows: { kind: RecordKind; count: number }[]): ByKind {
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
}

async function refusedByKind(ctx: TransactionContext, { importId }: Scope): Promise<ByKind> {
  const { rows } = (await ctx.tx.execute(sql`
    select kind, count(*)::int as count from ${sql.identifier(stagingTableOf(importId))}
    where refusal is not null and not is_repeat group by kind`)) as unknown as {
    rows: { kind: RecordKind; count: number }[]
  }
  return byKind(rows)
}

/** Records of the feed that this reading of it did not have. */
async function missingByKind(ctx: TransactionContext, { importId, feedId }: Scope): Promise<ByKind> {
  const { rows } = (await ctx.tx.execute(sql`
    select record.kind, count(*)::int as count from directory_records record
    where record.feed_id = ${feedId}::uuid and not exists (
      select from ${sql.identifier(stagingTableOf(importId))} staged
      where staged.kind = record.kind and staged.id = record.id and not staged.is_repeat)
    group by record.kind`)) as unknown as { rows: { kind: RecordKind; count: number }[] }
  return byKind(rows)
}

/** The rows of each file, those among them that were refused after reading moved over to the refused ones. */
export async function settleAccounts(
  ctx: TransactionContext,
  importId: string,
  accounts: readonly RowAccount[],
): Promise<RowAccount[]> {
  const { rows } = (await ctx.tx.execute(sql`
    select file, count(distinct line)::int as count from ${sql.identifier(stagingTableOf(importId))}
    where refusal is not null and is_row group by file`)) as unknown as {
    rows: { file: string; count: number }[]
  }
  const late = new Map(rows.map(({ file, count }) => [file, count]))
  return accounts.map((account) => {
    const count = late.get(account.file) ?? 0
    return { ...account, imported: account.imported - count, refused: account.refused + count }
  })
}

export async function countFlaws(ctx: TransactionContext, importId: string): Promise<ImportResult['flaws']> {
  const { rows } = (await ctx.tx.execute(sql`
    select count(*) filter (where outcome = 'kept')::int as kept,
      count(*) filter (where outcome = 'refused')::int as refused
    from import_flaws where import_id = ${importId}::uuid`)) as unknown as { rows: ImportResult['flaws'][] }
  return rows[0]!
}
