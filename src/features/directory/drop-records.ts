import { and, eq, inArray, isNull } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { touchServices } from './put-records.ts'
import type { DirectoryRecord, LinkName, RecordKind } from './record.ts'
import { directoryRecords } from './tables.ts'

/** Records published here (never those of a feed) that hang below owners by a link, or are these records themselves. */
export interface Droppable {
  by: LinkName | 'id'
  /** Owners, or with `id` the records themselves. */
  ids: readonly string[]
  kinds: readonly RecordKind[]
}

/**
 * Deletes records published here that are said no longer, save those kept. A service counts as modified when something
 * that was said of it is gone. Asks for no permission of its own, as `putRecords`.
 * @param kept what was put just now; a record that stands there stays.
 * @returns how many are gone.
 */
export async function dropRecords(
  ctx: TransactionContext,
  { by, ids, kinds }: Droppable,
  kept: readonly DirectoryRecord[] = [],
): Promise<number> {
  const staying = new Set(kept.map(keyOf))
  let dropped = 0
  for (const chunk of chunks(ids)) {
    const found = await ctx.tx
      .select({ kind: directoryRecords.kind, id: directoryRecords.id })
      .from(directoryRecords)
      .where(
        and(
          isOneOf(directoryRecords[by], chunk),
          inArray(directoryRecords.kind, [...kinds]),
          isNull(directoryRecords.feedId),
        ),
      )
    dropped += await dropThese(
      ctx,
      found.filter((record) => !staying.has(keyOf(record))),
    )
  }
  return dropped
}

async function dropThese(ctx: TransactionContext, gone: { kind: RecordKind; id: string }[]): Promise<number> {
  if (gone.length === 0) return 0
  // Before they go: whose services they are stands in the rows.
  await touchServices(ctx, gone, ctx.clock())
  for (const kind of new Set(gone.map((record) => record.kind))) {
    const ids = gone.filter((record) => record.kind === kind).map(({ id }) => id)
    for (const part of chunks(ids)) {
      await ctx.tx
        .delete(directoryRecords)
        .where(and(eq(directoryRecords.kind, kind), isOneOf(directoryRecords.id, part)))
    }
  }
  return gone.length
}

function keyOf({ kind, id }: { kind: RecordKind; id: string }): string {
  return `${kind} ${id}`
}
