import { sql } from 'drizzle-orm'
import { type Context, inTransaction, type TransactionContext } from '../../../platform/context.ts'
import { KINDS } from '../../directory/kinds.ts'
import { readBatch } from '../../directory/read-records.ts'
import type { DirectoryRecord, RecordKind } from '../../directory/record.ts'
import { permit } from '../../identity/permissions.ts'

/** Where an export goes: one file after another, those without a record left out. */
export interface ExportSink {
  /** Takes all records of a kind, in order of arrival. */
  write(kind: RecordKind, records: AsyncIterable<DirectoryRecord>): Promise<void>
  /** Called once, after the last file. */
  finish(): Promise<void>
}

const BATCH = 1000

/**
 * Writes the whole directory as it is at one moment: every record of every kind, as anybody may see it. Imported into
 * an empty directory and exported again, it is the same, byte for byte.
 * @returns how many records of each kind were written.
 */
export function exportDirectory(
  ctx: Context,
  sink: ExportSink,
): Promise<Partial<Record<RecordKind, number>>> {
  permit(ctx, 'directory.read')
  return inTransaction(ctx, async (ctx) => {
    await ctx.tx.execute(sql`set transaction isolation level repeatable read, read only`)
    const written: Partial<Record<RecordKind, number>> = {}
    for (const kind of Object.keys(KINDS) as RecordKind[]) {
      const [first] = await readBatch(ctx, kind, { after: 0, limit: 1 })
      if (!first) continue
      const count = (record: DirectoryRecord) => {
        written[kind] = (written[kind] ?? 0) + 1
        return record
      }
      await sink.write(kind, recordsOf(ctx, kind, count))
    }
    await sink.finish()
    return written
  })
}

async function* recordsOf(
  ctx: TransactionContext,
  kind: RecordKind,
  count: (record: DirectoryRecord) => DirectoryRecord,
): AsyncGenerator<DirectoryRecord> {
  for (let after = 0; ; ) {
    const batch = await readBatch(ctx, kind, { after, limit: BATCH })
    for (const record of batch) yield count(record)
    if (batch.length < BATCH) return
    after = batch.at(-1)!.position
  }
}
