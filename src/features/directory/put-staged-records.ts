import { type SQL, sql } from 'drizzle-orm'
import type { TransactionContext } from '../../platform/context.ts'
import { SAID_OF_SERVICES } from './kinds.ts'
import { LINK_NAMES, type RecordKind } from './record.ts'

/** What came of the records of one kind. */
export interface PutCounts {
  created: number
  updated: number
  unchanged: number
}

export interface PutStaged {
  kinds: Partial<Record<RecordKind, PutCounts>>
  /** Services at locations that can be offered differently now: they, or what is said of them, changed. */
  places: string[]
}

/** A table with the columns of a record, and two that say whether and in which order its rows are put. */
export interface StagedTable {
  /** The table's name. */
  name: string
  /** Condition on a row `staged`: it is put. At most one row of each kind and id. */
  put: SQL
  /** Column that gives the order of arrival. */
  order: string
}

const COLUMNS = ['kind', 'id', ...LINK_NAMES, 'fields', 'digest']
const columns = (prefix: string) => sql.raw(COLUMNS.map((name) => `${prefix}${name}`).join(', '))
const REPLACED = sql.raw(
  [...LINK_NAMES, 'fields', 'digest'].map((name) => `${name} = staged.${name}`).join(', '),
)

/**
 * Puts many records from a table, by a few statements over all of them, as `putRecords` does with few: new ones are
 * added, changed ones of the same feed replaced, equal ones left alone. What belongs to somebody else must not be put.
 */
export async function putStagedRecords(
  ctx: TransactionContext,
  from: StagedTable,
  { feedId }: { feedId: string },
): Promise<PutStaged> {
  const modifiedAt = ctx.clock().toISOString()
  const table = sql.identifier(from.name)
  await ctx.tx.execute(
    sql`create temporary table put_records (kind directory_kind, id uuid, is_new boolean) on commit drop`,
  )
  // Updates come first: they need not look at what the insert is about to add.
  await ctx.tx.execute(sql`with changed as (
    update directory_records record set ${REPLACED}, modified_at = ${modifiedAt}::timestamptz
    from ${table} staged
    where ${from.put} and record.kind = staged.kind and record.id = staged.id
      and record.feed_id = ${feedId}::uuid and record.digest <> staged.digest
    returning record.kind, record.id)
    insert into put_records select kind, id, false from changed`)
  await ctx.tx.execute(sql`with added as (
    insert into directory_records (${columns('')}, feed_id, modified_at)
    select ${columns('staged.')}, ${feedId}::uuid, ${modifiedAt}::timestamptz from ${table} staged
    where ${from.put} and not exists (select from directory_records record
      where record.kind = staged.kind and record.id = staged.id)
    order by staged.${sql.identifier(from.order)}
    returning kind, id)
    insert into put_records select kind, id, true from added`)
  await ctx.tx.execute(sql`analyze put_records`)
  // What follows reads what was just written: without news of it, the database reads as if nothing were there.
  if (await isMuch(ctx)) await ctx.tx.execute(sql`analyze directory_records`)
  await touchServicesOfPut(ctx, modifiedAt)
  const kinds = await countPut(ctx, from)
  const places = await changedPlaces(ctx)
  await ctx.tx.execute(sql`drop table put_records`)
  return { kinds, places }
}

/** Whether the put records are a good part of all. */
async function isMuch(ctx: TransactionContext): Promise<boolean> {
  const { rows } = (await ctx.tx.execute(sql`
    select (select count(*) from put_records where is_new) > greatest(reltuples, 0) / 4 as much
    from pg_class where oid = 'directory_records'::regclass`)) as unknown as { rows: { much: boolean }[] }
  return rows[0]!.much
}

async function countPut(ctx: TransactionContext, { name, put }: StagedTable): Promise<PutStaged['kinds']> {
  const { rows } = (await ctx.tx.execute(sql`
    select staged.kind, staged.count::int, coalesce(put.created, 0)::int as created,
      coalesce(put.updated, 0)::int as updated
    from (select kind, count(*) from ${sql.identifier(name)} staged where ${put} group by kind) staged
    left join (select kind, count(*) filter (where is_new) as created, count(*) filter (where not is_new) as updated
      from put_records group by kind) put on put.kind = staged.kind`)) as unknown as {
    rows: { kind: RecordKind; count: number; created: number; updated: number }[]
  }
  return Object.fromEntries(
    rows.map(({ kind, count, created, updated }) => [
      kind,
      { created, updated, unchanged: count - created - updated },
    ]),
  )
}

const quoted = (kinds: Iterable<RecordKind>) => sql.raw([...kinds].map((kind) => `'${kind}'`).join(', '))

/** A service counts as modified when something that is said of it is. New services are so anyway. */
async function touchServicesOfPut(ctx: TransactionContext, modifiedAt: string): Promise<void> {
  await ctx.tx.execute(sql`
    update directory_records service set modified_at = ${modifiedAt}::timestamptz
    where service.kind = 'service' and service.modified_at < ${modifiedAt}::timestamptz and service.id in (
      select coalesce(detail.service_id, place.service_id)
      from put_records put
      join directory_records detail on detail.kind = put.kind and detail.id = put.id
      left join directory_records place
        on place.kind = 'service_at_location' and place.id = detail.service_at_location_id
      where put.kind in (${quoted(SAID_OF_SERVICES)}))`)
}

/** Kinds that decide what is offered at a place: whatever names it, its service or its location. */
const DECISIVE = quoted([
  'schedule',
  'service_capacity',
  'service_area',
  'language',
  'cost_option',
  'address',
])

/** Services at locations that changed, or whose service, location, organization, hours, capacity or the like did. */
async function changedPlaces(ctx: TransactionContext): Promise<string[]> {
  const { rows } = (await ctx.tx.execute(sql`
    with detail as materialized (
      select record.organization_id, record.service_id, record.location_id, record.service_at_location_id
      from put_records put join directory_records record on record.kind = put.kind and record.id = put.id
      where put.kind in (${DECISIVE})),
    organizations as (select id from put_records where kind = 'organization'),
    services as (
      select id from put_records where kind = 'service'
      union select service_id from detail where service_id is not null
      union select service.id from directory_records service
        where service.kind = 'service' and service.organization_id in (select id from organizations)),
    locations as (
      select id from put_records where kind = 'location'
      union select location_id from detail where location_id is not null)
    select place.id from directory_records place
    where place.kind = 'service_at_location' and (
      place.id in (select id from put_records where kind = 'service_at_location')
      or place.id in (select service_at_location_id from detail where service_at_location_id is not null)
      or place.service_id in (select id from services)
      or place.location_id in (select id from locations))
    order by place.position`)) as unknown as { rows: { id: string }[] }
  return rows.map(({ id }) => id)
}
