/**
 * One index per process, kept as fresh as the database: every query first reads what has happened since the last one,
 * whichever process made it happen, and takes the rows that it touched in again. The tables are the truth; the index
 * is built from them and can be thrown away at any time.
 *
 * Segments: a large one with everything, and small ones with what has changed since. When too many have gathered, a
 * new large one is built while the old ones go on answering.
 */
import type { Context } from '../../platform/context.ts'
import type { Db } from '../../platform/db/client.ts'
import { advance, type Seen } from '../../platform/events/event-gaps.ts'
import { readEvents, seenSoFar } from '../../platform/events/read-events.ts'
import type { IndexRow } from './index-row.ts'
import { readAllIndexRows, readIndexRowsOf, readStamps } from './read-index-rows.ts'
import { buildSegment, type Segment, withoutRows } from './segment.ts'
import { createSurroundings, type Surroundings } from './surroundings.ts'
import { type Touched, touchedBy } from './touched-rows.ts'

/** Rows of the newest segment, which is built again with every change: about two milliseconds' work. */
const YOUNG_ROWS = 200
const MOST_SEGMENTS = 12
/** Of the largest segment's rows; more changes than this are one more reason to build it anew. */
const MOST_GONE = 0.2
/** Changes of one refresh; for more, reading everything is as fast. */
const MOST_REPLACED = 20_000

interface State {
  seen: Seen
  /** The largest first. */
  segments: Segment[]
  /** Rows of the newest segment, which is the last of the list when there are any. */
  young: Map<string, IndexRow>
  surroundings: Surroundings
}

interface OfferingIndex {
  state: State | null
  /** A refresh under way, and the one that follows it. */
  running: Promise<State> | null
  next: Promise<State> | null
  /** A rebuild under way, and one that is done. */
  rebuilding: boolean
  rebuilt: State | null
}

const indexes = new WeakMap<Db, OfferingIndex>()

/** What everything that was committed before the call has made of the index. */
export interface FreshIndex {
  readonly segments: readonly Segment[]
  readonly surroundings: Surroundings
}

/** Builds the index where there is none yet. Outside of transactions only. */
export async function freshIndex(ctx: Context): Promise<FreshIndex> {
  const { segments, surroundings } = await refreshed(ctx, indexOf(ctx.db))
  return { segments, surroundings }
}

/**
 * The index, if it has everything that a statement saw whose newest event had this number: then nobody needs to look
 * for more. Null where it may not, and where there is work to be done with it.
 */
export function indexAsOf(ctx: Context, newestEvent: number): FreshIndex | null {
  const index = indexes.get(ctx.db)
  if (!index?.state || index.rebuilt) return null
  const { seen, segments, surroundings } = index.state
  // Numbers below the last one that were not seen are gaps, until it is certain that they never come.
  const hasAll = newestEvent <= seen.last && seen.gaps.length === 0
  return hasAll ? { segments, surroundings } : null
}

/** The index as it was after the last question, without looking at the database; null where nobody has asked yet. */
export function lastIndex(ctx: Context): FreshIndex | null {
  const state = indexes.get(ctx.db)?.state
  return state ? { segments: state.segments, surroundings: state.surroundings } : null
}

function indexOf(db: Db): OfferingIndex {
  const known = indexes.get(db)
  if (known) return known
  const index: OfferingIndex = { state: null, running: null, next: null, rebuilding: false, rebuilt: null }
  indexes.set(db, index)
  return index
}

/** A refresh that begins after the call: callers that wait for the running one to end share the next. */
function refreshed(ctx: Context, index: OfferingIndex): Promise<State> {
  if (!index.running) return start(ctx, index)
  index.next ??= index.running.then(
    () => start(ctx, index),
    () => start(ctx, index),
  )
  return index.next
}

function start(ctx: Context, index: OfferingIndex): Promise<State> {
  index.next = null
  const running = refresh(ctx, index).finally(() => {
    if (index.running === running) index.running = null
  })
  index.running = running
  return running
}

async function refresh(ctx: Context, index: OfferingIndex): Promise<State> {
  const { db } = ctx
  const state = index.rebuilt ?? index.state ?? (await build(db))
  index.rebuilt = null
  index.state = state
  const { happened, sight } = await readEvents(db.root, state.seen)
  const touched = touchedBy(happened)
  index.state = await take(db, state, touched)
  index.state.seen = advance(state.seen, sight)
  if (isWorn(index.state)) rebuild(ctx, index)
  return index.state
}

/** What the tables hold now, with the events read before the rows: what happens in between is read twice, not never. */
async function build(db: Db): Promise<State> {
  const seen = await seenSoFar(db.root)
  const segments = [await buildSegment(await readAllIndexRows(db))]
  return { seen, segments, young: new Map(), surroundings: createSurroundings() }
}

function isWorn({ segments }: State): boolean {
  if (segments.length > MOST_SEGMENTS) return true
  const { size, goneCount } = segments[0]!
  return goneCount > 1000 && goneCount > size * MOST_GONE
}

/** In the background; the next refresh after it takes the new state and catches up with what has happened since. */
function rebuild(ctx: Context, index: OfferingIndex): void {
  if (index.rebuilding) return
  index.rebuilding = true
  build(ctx.db)
    .then((state) => {
      index.rebuilt = state
    })
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'the search index could not be rebuilt'))
    .finally(() => {
      index.rebuilding = false
    })
}

async function take(db: Db, old: State, { ids, everything, surroundings }: Touched): Promise<State> {
  // A new object: a question that was asked before and is still reading must not write into this one.
  const state = surroundings ? { ...old, surroundings: createSurroundings() } : old
  if (!everything && ids.size === 0) return state
  const wanted = everything ? [...ids, ...(await changedIds(db, state))] : [...ids]
  // The events of a build are read before its rows, so the older `seen` of the caller is right for it too.
  if (wanted.length > MOST_REPLACED) return build(db)
  return replace(state, wanted, await readIndexRowsOf(db, wanted))
}

/** Offerings that are new, deleted, or changed in any of the rows behind them. */
async function changedIds(db: Db, { segments }: State): Promise<string[]> {
  const stamps = await readStamps(db)
  for (const segment of segments) {
    for (let slot = 0; slot < segment.size; slot++) {
      if (segment.gone[slot]) continue
      const id = segment.ids[slot]!
      const stamp = stamps.get(id)
      if (stamp === segment.stamps[slot]) stamps.delete(id)
      else stamps.set(id, 0n)
    }
  }
  return [...stamps.keys()]
}

/** The state with these rows in place of what it had under their ids, and nothing under ids without a row. */
async function replace(state: State, ids: readonly string[], rows: readonly IndexRow[]): Promise<State> {
  const { segments } = state
  const replaced = [...ids, ...rows.map(({ id }) => id)]
  const old = state.young.size > 0 ? segments.slice(0, -1) : segments
  const young = new Map(state.young)
  for (const id of replaced) young.delete(id)
  for (const row of rows) young.set(row.id, row)
  const newest = young.size > 0 ? [await buildSegment([...young.values()])] : []
  const isFull = young.size >= YOUNG_ROWS
  return {
    ...state,
    segments: [...old.map((segment) => withoutRows(segment, replaced)), ...newest],
    young: isFull ? new Map() : young,
  }
}
