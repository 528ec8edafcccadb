import { and, asc, eq, getTableColumns, gt, type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { isOneOf } from '../../platform/db/one-of.ts'
import { CONFIDENTIAL_IN_SQL, redacted } from './confidential.ts'
import { withLiveCapacity } from './live-capacity.ts'
import type { DirectoryRecord, RecordKind } from './record.ts'
import { toRecord } from './record-row.ts'
import { directoryRecords } from './tables.ts'
import { WITHHELD_IN_SQL } from './withheld.ts'

/** A record as it stands in the directory. */
export interface StoredRecord extends DirectoryRecord {
  modifiedAt: Date
  /** Order of arrival. */
  position: number
}

/** Records by id, in order of arrival, as anybody may see them. Unknown and hidden ones are left out. */
export async function readRecords(
  ctx: Context,
  kind: RecordKind,
  ids: readonly string[],
): Promise<StoredRecord[]> {
  const found: StoredRecord[] = []
  for (const chunk of chunks(ids)) {
    found.push(
      ...(await selectVisible(
        ctx,
        and(eq(directoryRecords.kind, kind), isOneOf(directoryRecords.id, chunk)),
      )),
    )
  }
  return found
}

/** One batch of a kind in order of arrival, after a position; for exports. */
export function readBatch(
  ctx: Context,
  kind: RecordKind,
  { after, limit }: { after: number; limit: number },
): Promise<StoredRecord[]> {
  return selectVisible(ctx, and(eq(directoryRecords.kind, kind), gt(directoryRecords.position, after)), limit)
}

/** What the rows say unredacted: for verbs that match by distance, never for an answer. */
export async function readUnredacted(
  ctx: Context,
  kind: RecordKind,
  ids: readonly string[],
): Promise<DirectoryRecord[]> {
  const found: DirectoryRecord[] = []
  for (const chunk of chunks(ids)) {
    const rows = await query(ctx)
      .select()
      .from(directoryRecords)
      .where(and(eq(directoryRecords.kind, kind), isOneOf(directoryRecords.id, chunk)))
      .orderBy(asc(directoryRecords.position))
    found.push(...rows.map(toRecord))
  }
  return found
}

/** The one way by which records leave: hidden ones stay, locations are redacted, capacities are what is left now. */
export async function selectVisible(
  ctx: Context,
  where: SQL | undefined,
  limit?: number,
): Promise<StoredRecord[]> {
  const found = query(ctx)
    .select(getTableColumns(directoryRecords))
    .from(directoryRecords)
    .where(and(where, sql`not ${HIDDEN}`, NOT_WITHHELD))
    .orderBy(asc(directoryRecords.position))
  const rows = limit === undefined ? await found : await found.limit(limit)
  const records = rows.map((row) => {
    const { modifiedAt, position } = row
    return redacted({ ...toRecord(row), modifiedAt, position })
  })
  return withLiveCapacity(ctx, records)
}

const NOT_WITHHELD = sql.raw(`not ${WITHHELD_IN_SQL}`)

/** Ids of the addresses and of what is told of the access to the confidential locations behind the link `named`. */
const behind = (named: string) => `(${named}, (select detail.location_id from directory_records detail
  where detail.kind in ('address', 'accessibility') and detail.id = ${named} limit 1))`

const confidentialAmong = (ids: string) => `exists (select 1 from directory_records location
  where location.kind = 'location' and ${CONFIDENTIAL_IN_SQL} and location.id in ${ids})`

/**
 * What would tell where a confidential location is: its addresses and accessibility, notes on changes of any of them,
 * and their classifications.
 */
const HIDDEN = sql.raw(`case directory_records.kind
  when 'address' then ${confidentialAmong('(directory_records.location_id)')}
  when 'accessibility' then ${confidentialAmong('(directory_records.location_id)')}
  when 'metadata' then ${confidentialAmong(behind('directory_records.resource_id'))}
  when 'attribute' then ${confidentialAmong(behind('directory_records.link_id'))}
  else false end`)
