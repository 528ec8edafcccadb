import { sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { SAID_OF_SERVICES } from './kinds.ts'
import { type DirectoryRecord, type JsonValue, LINK_NAMES, type RecordKind } from './record.ts'
import { type RecordRow, toRecordRow } from './record-row.ts'

export interface PutRecords {
  created: number
  updated: number
  unchanged: number
  /** What was created or updated. */
  changed: { kind: RecordKind; id: string; created: boolean }[]
}

/** Rows that travel in one statement. */
const ROWS = 1000

const LINKS = LINK_NAMES.join(', ')
const SHAPE = `kind directory_kind, id uuid, ${LINK_NAMES.map((name) => `${name} uuid`).join(', ')}, fields jsonb, digest text`
const REPLACED = [...LINK_NAMES, 'fields', 'digest', 'feed_id', 'modified_at']
  .map((name) => `${name} = excluded.${name}`)
  .join(', ')

/**
 * Writes records: new ones are added, changed ones replaced, equal ones left alone. Asks for no permission of its own:
 * the verbs that call it do. A service counts as modified when something that is said of it is.
 * @param records at most one per kind and id.
 * @param origin the feed they came from; none = published here.
 */
export async function putRecords(
  ctx: TransactionContext,
  records: readonly DirectoryRecord[],
  origin?: { feedId: string },
): Promise<PutRecords> {
  const modifiedAt = ctx.clock()
  const put: PutRecords = { created: 0, updated: 0, unchanged: 0, changed: [] }
  for (const chunk of chunks(records, ROWS)) {
    const written = await write(ctx, chunk.map(toRecordRow), origin?.feedId ?? null, modifiedAt)
    const created = written.filter((row) => row.created).length
    put.created += created
    put.updated += written.length - created
    put.unchanged += chunk.length - written.length
    put.changed.push(...written)
  }
  await touchServices(ctx, detailsOfOthers(records, put.changed), modifiedAt)
  return put
}

/**
 * One parameter for all rows: a parameter per value costs four times the time. Equal rows are left out before the
 * insert, because ON CONFLICT locks every row it meets, and two publications of one provider would wait for each other.
 */
async function write(ctx: TransactionContext, rows: RecordRow[], feedId: string | null, modifiedAt: Date) {
  const { rows: written } = (await ctx.tx.execute(sql`
    insert into directory_records (kind, id, ${sql.raw(LINKS)}, fields, digest, feed_id, modified_at)
    select kind, id, ${sql.raw(LINKS)}, fields, digest, ${feedId}::uuid, ${modifiedAt.toISOString()}::timestamptz
    from rows from (jsonb_to_recordset(${JSON.stringify(rows.map(withoutBlanks))}::jsonb) as (${sql.raw(SHAPE)})) with ordinality
      as given(kind, id, ${sql.raw(LINKS)}, fields, digest, ordinal)
    where not exists (select from directory_records known
      where known.kind = given.kind and known.id = given.id and known.digest = given.digest)
    order by ordinal
    on conflict (kind, id) do update set ${sql.raw(REPLACED)} where directory_records.digest <> excluded.digest
    returning kind, id, xmax = 0 as created`)) as unknown as {
    rows: { kind: RecordKind; id: string; created: boolean }[]
  }
  return written
}

/** Most links of a record lead nowhere: left out, there is less than half to read. */
function withoutBlanks({ kind, id, fields, digest, ...links }: RecordRow): object {
  const given: Record<string, unknown> = { kind, id, fields, digest }
  for (const name of LINK_NAMES) if (links[name] !== null) given[name] = links[name]
  return given
}

/** Marks the services whose details changed, directly or at one of their places. */
export async function touchServices(
  ctx: TransactionContext,
  changed: readonly { kind: RecordKind; id: string }[],
  modifiedAt: Date,
): Promise<void> {
  const at = modifiedAt.toISOString()
  for (const chunk of chunks(changed.filter(({ kind }) => SAID_OF_SERVICES.has(kind)))) {
    const given = JSON.stringify(chunk.map(({ kind, id }) => ({ kind, id })))
    await ctx.tx.execute(sql`
      update directory_records service set modified_at = ${at}::timestamptz
      where service.kind = 'service' and service.modified_at <> ${at}::timestamptz and service.id in (
        select coalesce(detail.service_id, place.service_id)
        from jsonb_to_recordset(${given}::jsonb) as given(kind directory_kind, id uuid)
        join directory_records detail on detail.kind = given.kind and detail.id = given.id
        left join directory_records place
          on place.kind = 'service_at_location' and place.id = detail.service_at_location_id)`)
  }
}

/** Changed records, save for details of services that were written themselves: in a bulk that is nearly all of them. */
function detailsOfOthers(
  records: readonly DirectoryRecord[],
  changed: PutRecords['changed'],
): Pick<DirectoryRecord, 'kind' | 'id'>[] {
  const services = new Set<unknown>(changed.flatMap(({ kind, id }) => (kind === 'service' ? id : [])))
  if (services.size === 0) return changed
  const serviceOfPlace = new Map<unknown, JsonValue | undefined>()
  for (const { kind, id, fields } of records) {
    if (kind === 'service_at_location') serviceOfPlace.set(id, fields.service_id)
  }
  const isChanged = new Set(changed.map(keyOf))
  return records.filter((record) => {
    const { service_id: service, service_at_location_id: place } = record.fields
    return isChanged.has(keyOf(record)) && !services.has(service ?? serviceOfPlace.get(place))
  })
}

function keyOf({ kind, id }: Pick<DirectoryRecord, 'kind' | 'id'>): string {
  return `${kind} ${id}`
}
