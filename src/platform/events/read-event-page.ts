/** Events as those are told who are concerned, some at a time, without losing any. */
import { type SQL, sql } from 'drizzle-orm'
import type { Handle } from '../db/client.ts'
import { advance, isUnseen, passed, type Seen } from './event-gaps.ts'
import { inGaps, ownTransaction, sightOf } from './read-events.ts'
import { events } from './tables.ts'

export interface EventRow {
  id: string
  position: number
  at: Date
  type: string
  objectId: string
  audience: string[]
  data: Record<string, unknown>
}

/** An event, and what a reader has seen once it has read it. */
export interface ReadEvent extends EventRow {
  seen: Seen
}

export interface EventPage {
  /** In the order of their numbers. */
  events: ReadEvent[]
  /** What has been seen after the page. */
  seen: Seen
  /** Whether there may be more right now. */
  more: boolean
}

interface WireRow {
  id: string | null
  position: string | number
  at_ms: string
  type: string
  object_id: string
  audience: string[]
  data: Record<string, unknown>
}

const COLUMNS: SQL = sql`id, position, round(extract(epoch from at) * 1000)::text as at_ms, type, object_id, array_to_json(audience) as audience, data`

/** The oldest `limit` events above the last one seen and in gaps, with what may still come, from one snapshot. */
export async function readEventPage(handle: Handle, seen: Seen, limit: number): Promise<EventPage> {
  const { last, gaps } = seen
  const { rows } = (await handle.execute(sql`
    select e.*, pg_snapshot_xmin(now.seen)::text as oldest, ${ownTransaction(gaps)} as own
    from (select pg_current_snapshot() as seen) as now
    left join (
      (select ${COLUMNS} from ${events} where position > ${last} order by position limit ${limit})
      ${gaps.length > 0 ? sql`union all (${inGaps(gaps, COLUMNS)} order by position limit ${limit})` : sql``}
    ) as e on true
    order by e.position`)) as unknown as { rows: (WireRow & { oldest: string; own: string | null })[] }
  const found = rows.filter(({ id }) => id !== null).map(toEvent)
  const page = found.slice(0, limit)
  const more = found.length >= limit
  const sight = sightOf(
    page.map(({ position }) => position),
    rows[0]!,
  )
  // A gap that this page did not look into may hold events, whoever has ended.
  const after = advance(seen, more ? { ...sight, oldestRunning: 0n } : sight)
  return { events: withSeen(page, seen), seen: after, more }
}

function withSeen(page: readonly EventRow[], before: Seen): ReadEvent[] {
  let seen = before
  return page.map((event) => {
    seen = passed(seen, event.position)
    return { ...event, seen }
  })
}

/**
 * The oldest of the events that another reader, who has come as far as `upTo`, has seen and this one has not, of those
 * that concern an organization. Nobody can still write such a number, so no gap has to be watched.
 *
 * @param after numbers up to this one are left out.
 * @returns the events, and the `after` to ask with for more; null where there are no more.
 */
export async function readMissedEvents(
  handle: Handle,
  given: { seen: Seen; upTo: Seen; after: number; organizationId: string; limit: number },
): Promise<{ events: ReadEvent[]; next: number | null }> {
  const { seen, upTo, after, limit } = given
  const concerns = sql`audience @> array[${given.organizationId}]::uuid[] and position > ${after}`
  const { rows } = (await handle.execute(sql`
    select * from (
      (select ${COLUMNS} from ${events}
        where position > ${seen.last} and position <= ${upTo.last} and ${concerns} order by position limit ${limit})
      ${seen.gaps.length > 0 ? sql`union all (${inGaps(seen.gaps, COLUMNS)} and ${concerns} order by position limit ${limit})` : sql``}
    ) as missed order by position limit ${limit}`)) as unknown as { rows: WireRow[] }
  const found = rows.map(toEvent)
  return {
    // What was written since is the other reader's to tell.
    events: found
      .filter(({ position }) => !isUnseen(upTo, position))
      .map((event) => ({ ...event, seen: seenUpTo(event.position, seen, upTo) })),
    next: found.length < limit ? null : found.at(-1)!.position,
  }
}

/** What has been seen by one who catches up in order and has come to `position`. */
function seenUpTo(position: number, seen: Seen, upTo: Seen): Seen {
  const pending = upTo.gaps.filter(({ to }) => to < position)
  if (position >= seen.last) return { last: position, gaps: pending }
  const ahead = seen.gaps.flatMap(({ from, to, over }) =>
    to <= position ? [] : [{ from: Math.max(from, position + 1), to, over }],
  )
  return { last: seen.last, gaps: [...pending, ...ahead] }
}

/** The number of the newest event of all; 0 where there is none. */
export async function newestPosition(handle: Handle): Promise<number> {
  const { rows } = (await handle.execute(
    sql`select coalesce(max(position), 0) as newest from ${events}`,
  )) as unknown as { rows: { newest: string | number }[] }
  return Number(rows[0]!.newest)
}

/** The highest number that was drawn so far, by whoever: what begins from here on has higher ones. */
export async function highestDrawn(handle: Handle): Promise<number> {
  const { rows } = (await handle.execute(sql`
    select coalesce(pg_sequence_last_value(pg_get_serial_sequence('events', 'position')::regclass), 0) as drawn`)) as unknown as {
    rows: { drawn: string | number }[]
  }
  return Number(rows[0]!.drawn)
}

function toEvent(row: WireRow): EventRow {
  const { type, audience, data } = row
  return {
    id: row.id!,
    position: Number(row.position),
    at: new Date(Number(row.at_ms)),
    type,
    objectId: row.object_id,
    audience,
    data,
  }
}
