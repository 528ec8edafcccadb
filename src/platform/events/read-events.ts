/** What has happened since a reader last looked, and which transactions may still tell. */
import { type SQL, sql } from 'drizzle-orm'
import type { Handle } from '../db/client.ts'
import type { Gap, Seen, Sight } from './event-gaps.ts'
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
  next: string
}

/** The events above the last one seen and those in gaps, in one statement: rows and transactions of one snapshot. */
export async function readEvents(handle: Handle, { last, gaps }: Seen): Promise<ReadEvents> {
  const { rows } = (await handle.execute(sql`
    select e.position, e.type, e.object_id as "objectId",
      pg_snapshot_xmin(now.seen)::text as oldest, pg_snapshot_xmax(now.seen)::text as next
    from (select pg_current_snapshot() as seen) as now
    left join (
      select position, type, object_id from ${events} where position > ${last}
      ${gaps.length > 0 ? orInGaps(gaps) : sql``}
    ) as e on true`)) as unknown as { rows: Row[] }
  const found = rows.filter(({ position }) => position !== null)
  return {
    happened: found.map(({ type, objectId }) => ({ type, objectId })),
    sight: {
      positions: found.map(({ position }) => Number(position)),
      oldestRunning: BigInt(rows[0]!.oldest),
      nextToBegin: BigInt(rows[0]!.next),
    },
  }
}

function orInGaps(gaps: readonly Gap[]): SQL {
  const from = sql.param(`{${gaps.map((gap) => gap.from).join(',')}}`)
  const to = sql.param(`{${gaps.map((gap) => gap.to).join(',')}}`)
  return sql`union all
    select position, type, object_id from unnest(${from}::bigint[], ${to}::bigint[]) as gap(from_, to_)
      join ${events} on position between gap.from_ and gap.to_`
}

/** Where reading starts: at the newest event, with every number that is missing below it as a gap. */
export async function seenSoFar(handle: Handle): Promise<Seen> {
  const { rows } = (await handle.execute(sql`
    select before + 1 as "from", position - 1 as "to", null as last
    from (select position, lag(position, 1, 0::bigint) over (order by position) as before from ${events}) as numbered
    where position > before + 1
    union all select null, null, coalesce(max(position), 0) from ${events}`)) as unknown as {
    rows: { from: string | number; to: string | number; last: string | number | null }[]
  }
  const gaps = rows
    .filter(({ last }) => last === null)
    .map((row): Gap => ({ from: Number(row.from), to: Number(row.to), over: null }))
  const newest = rows.find(({ last }) => last !== null)
  return { last: Number(newest?.last ?? 0), gaps }
}
