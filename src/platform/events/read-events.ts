/** What has happened since a reader last looked, and which transactions may still tell. */
import { type SQL, sql } from 'drizzle-orm'
import type { Handle } from '../db/client.ts'
import { prepared } from '../db/prepared.ts'
import { type Gap, NOTHING_SEEN, type Seen, type Sight } from './event-gaps.ts'
import { events } from './tables.ts'

export interface ReadEvents {
  happened: { type: string; objectId: string }[]
  sight: Sight
}

interface Row {
  position: string | number | null
  type: string
  objectId: string
  oldest: string
  own: string | null
}

/** The events above the last one seen and those in gaps, in one statement: rows and transactions of one snapshot. */
export async function readEvents(handle: Handle, { last, gaps }: Seen): Promise<ReadEvents> {
  const rows =
    gaps.length > 0 ? await withGaps(handle, last, gaps) : await statement(handle).execute({ last })
  const found = rows.filter(({ position }) => position !== null)
  return {
    happened: found.map(({ type, objectId }) => ({ type, objectId })),
    sight: sightOf(
      found.map(({ position }) => Number(position)),
      rows[0]!,
    ),
  }
}

async function withGaps(handle: Handle, last: number, gaps: readonly Gap[]): Promise<Row[]> {
  const among = sql`${ABOVE(sql`${last}`)} union all ${inGaps(gaps, COLUMNS)}`
  const { rows } = (await handle.execute(sql`
    select e.position, e.type, e.object_id as "objectId", ${OLDEST} as oldest, ${ownTransaction(gaps)} as own
    from ${NOW} left join (${among}) as e on true`)) as unknown as { rows: Row[] }
  return rows
}

const NOW = sql`(select pg_current_snapshot() as seen) as now`
const OLDEST = sql<string>`pg_snapshot_xmin(now.seen)::text`
const COLUMNS = sql`position, type, object_id`
/** A range, although no number is that high: of one whose lower end it does not know, a plan expects little. */
const ABOVE = (last: SQL) => sql`select ${COLUMNS} from ${events}
  where position > ${last} and position < ${sql.raw(String(2 ** 53))}`

const statement = prepared((handle) =>
  handle
    .select({
      position: sql<Row['position']>`e.position`,
      type: sql<string>`e.type`,
      objectId: sql<string>`e.object_id`,
      oldest: OLDEST,
      own: sql<null>`null`,
    })
    .from(sql`${NOW} left join (${ABOVE(sql`${sql.placeholder('last')}`)}) as e on true`)
    .prepare('events_above'),
)

/**
 * An own number in the row of transactions, drawn while the statement runs: every transaction that had one has a lower
 * one. Asked for only where a gap waits for it, because numbers are not for nothing.
 */
export function ownTransaction(gaps: readonly Gap[]): SQL {
  return gaps.some(({ over }) => over === null) ? sql`pg_current_xact_id()::text` : sql`null::text`
}

/** @param oldest,own as text, as a statement answers them. */
export function sightOf(
  positions: readonly number[],
  { oldest, own }: { oldest: string; own: string | null },
): Sight {
  return { positions, oldestRunning: BigInt(oldest), nextToBegin: own === null ? null : BigInt(own) + 1n }
}

/** The events in the gaps. */
export function inGaps(gaps: readonly Gap[], columns: SQL): SQL {
  const from = sql.param(`{${gaps.map((gap) => gap.from).join(',')}}`)
  const to = sql.param(`{${gaps.map((gap) => gap.to).join(',')}}`)
  return sql`select ${columns} from unnest(${from}::bigint[], ${to}::bigint[]) as gap(from_, to_)
    join ${events} on position between gap.from_ and gap.to_`
}

/**
 * Where reading starts: at the newest event, with every number that is missing below it as a gap.
 * @param since only what is above it is looked through; its gaps stay.
 */
export async function seenSoFar(handle: Handle, since: Seen = NOTHING_SEEN): Promise<Seen> {
  const { rows } = (await handle.execute(sql`
    select before + 1 as "from", position - 1 as "to", null as last
    from (
      select position, lag(position, 1, ${since.last}::bigint) over (order by position) as before
      from ${events} where position > ${since.last}
    ) as numbered
    where position > before + 1
    union all select null, null, coalesce(max(position), 0) from ${events}`)) as unknown as {
    rows: { from: string | number; to: string | number; last: string | number | null }[]
  }
  const gaps = rows
    .filter(({ last }) => last === null)
    .map((row): Gap => ({ from: Number(row.from), to: Number(row.to), over: null }))
  const newest = rows.find(({ last }) => last !== null)
  return { last: Math.max(since.last, Number(newest?.last ?? 0)), gaps: [...since.gaps, ...gaps] }
}
