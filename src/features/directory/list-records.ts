import { and, asc, count, eq, gt, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { type Nested, nest } from './nest.ts'
import type { StoredRecord } from './read-records.ts'
import { readTree } from './read-tree.ts'
import type { RecordKind } from './record.ts'
import { directoryRecords } from './tables.ts'
import type { View } from './views.ts'
import { WITHHELD_IN_SQL } from './withheld.ts'

/** A page as HSDS puts it. */
export interface RecordPage {
  total_items: number
  total_pages: number
  page_number: number
  size: number
  first_page: boolean
  last_page: boolean
  empty: boolean
  contents: Nested[]
}

/** What a list answers: a page, or everything in a stream. */
export type Listing = { page: RecordPage } | { stream: AsyncIterable<Nested> }

export interface Listed {
  kind: RecordKind
  where: SQL | undefined
  show: (ctx: Context, kind: RecordKind, rows: readonly ListedRow[]) => Promise<Nested[]>
}

/** A record found, before anything else of it is read. */
export interface ListedRow {
  id: string
  position: number
  modifiedAt: Date
  /** When it was modified last, as its feed says. */
  told: string | null
}

/** Records that a stream holds in memory at once: as many as the largest page. */
const BATCH = 500

const NOT_WITHHELD = sql.raw(`not ${WITHHELD_IN_SQL}`)

/** A page of records, or all of them in a stream, in order of arrival. */
export async function listRecords(
  ctx: Context,
  listed: Listed,
  { page, per_page, format }: { page: number; per_page: number; format: 'json' | 'ndjson' },
): Promise<Listing> {
  if (format === 'ndjson') return { stream: streamRecords(ctx, listed) }
  const offset = (page - 1) * per_page
  const rows = await selectRows(ctx, listed, { offset, limit: per_page, counted: true })
  const total = rows[0]?.total ?? (await countRecords(ctx, listed))
  const pages = Math.ceil(total / per_page)
  if (page > Math.max(pages, 1)) throw beyondTheEnd(pages)
  const contents = await listed.show(ctx, listed.kind, rows)
  return {
    page: {
      total_items: total,
      total_pages: pages,
      page_number: page,
      size: contents.length,
      first_page: page === 1,
      last_page: page >= pages,
      empty: contents.length === 0,
      contents,
    },
  }
}

function beyondTheEnd(pages: number): Refusal {
  const message = pages <= 1 ? 'there is only one page' : `the last page is ${pages}`
  return new Refusal('not_found', `page: ${message}.`, { errors: [{ pointer: '/page', message }] })
}

async function countRecords(ctx: Context, { kind, where }: Listed): Promise<number> {
  const [row] = await query(ctx)
    .select({ total: count() })
    .from(directoryRecords)
    .where(and(eq(directoryRecords.kind, kind), NOT_WITHHELD, where))
  return row!.total
}

/**
 * Rows in order of arrival. `counted`: with the number of all that there are; a filter is then gone through once, not
 * twice. Without one an index counts faster than a window, so then that is left to `countRecords`.
 */
function selectRows(
  ctx: Context,
  { kind, where }: Listed,
  { offset = 0, after, limit, counted = false }: Wanted,
): Promise<(ListedRow & { total: number | null })[]> {
  const { id, position, modifiedAt, fields } = directoryRecords
  const total = counted && where ? sql<number>`count(*) over ()`.mapWith(Number) : sql<null>`null`
  return query(ctx)
    .select({ id, position, modifiedAt, told: sql<string | null>`${fields}->>'last_modified'`, total })
    .from(directoryRecords)
    .where(
      and(
        eq(directoryRecords.kind, kind),
        NOT_WITHHELD,
        after === undefined ? undefined : gt(position, after),
        where,
      ),
    )
    .orderBy(asc(position))
    .limit(limit)
    .offset(offset)
}

interface Wanted {
  limit: number
  offset?: number
  /** Only those after this position. */
  after?: number
  counted?: boolean
}

/** Batch by batch, each after the last position of the one before: memory stays that of one batch. */
async function* streamRecords(ctx: Context, listed: Listed): AsyncGenerator<Nested> {
  let after = -1
  for (;;) {
    const batch = await selectRows(ctx, listed, { after, limit: BATCH })
    yield* await listed.show(ctx, listed.kind, batch)
    if (batch.length < BATCH) return
    after = batch.at(-1)!.position
  }
}

/** Shows each record with what the view nests below it. */
export function showing(view: View): Listed['show'] {
  return async (ctx, kind, rows) => {
    const ids = rows.map(({ id }) => id)
    const tree = await readTree(ctx, kind, ids, view)
    const made = new Map<StoredRecord, Nested>()
    return ids.flatMap((id) => {
      const record = tree.find(kind, id)
      return record ? [nest(tree, record, view, made)] : []
    })
  }
}

/** Shows only when each record was modified last, as its feed says or as we saw it. */
export async function showModified(_ctx: Context, _kind: RecordKind, rows: readonly ListedRow[]) {
  return rows.map(({ id, told, modifiedAt }) => ({ id, last_modified: told ?? modifiedAt.toISOString() }))
}

/**
 * One record with what the view nests below it.
 * @throws Refusal `not_found`.
 */
export async function showRecord(ctx: Context, kind: RecordKind, id: string, view: View): Promise<Nested> {
  const tree = await readTree(ctx, kind, [id], view)
  const record = tree.find(kind, id.toLowerCase())
  return nest(tree, found(record, kind.replaceAll('_', ' ')), view)
}
