/**
 * A part of the index: columns over some offerings in order of id, with a kd-tree and the words of their texts. It
 * never changes, so a query that has begun is not disturbed; a change makes a segment that shares all but `gone`.
 */
import { createFacetMixes, type FacetMixes } from './facet-mixes.ts'
import type { IndexRow, ShownOffering } from './index-row.ts'
import { createNearby, type Nearby } from './nearby.ts'
import { createRowsByValue, type RowsByValue } from './rows-by-value.ts'
import { createTextIndexBuilder, type TextIndex } from './text-index.ts'

/** Columns of few different values: a number per row, and what the numbers stand for. */
export const CODED = [
  'organizationId',
  'sector',
  'category',
  'term',
  'tier',
  'mode',
  'unit',
  'priceType',
  'state',
  'languages',
  'eligibility',
  'hours',
  'areaId',
  'keptBy',
] as const
export type CodedName = (typeof CODED)[number]

/** Columns whose rows are listed by value. */
export const LISTED = ['organizationId', 'areaId'] as const satisfies CodedName[]
export type ListedName = (typeof LISTED)[number]

export interface Coded<Name extends CodedName = CodedName> {
  values: IndexRow[Name][]
  codes: Uint32Array
}

/** Where candidates are written, used again by every query: half a megabyte that need not be collected each time. */
export interface Room {
  readonly slots: Uint32Array
  readonly fails: Uint8Array
  readonly keys: Float64Array
}

export interface Segment {
  readonly size: number
  /** Ascending; a row's place in them is its slot. */
  readonly ids: readonly string[]
  /** What is shown of each, so that a page costs no statement. */
  readonly shown: readonly ShownOffering[]
  readonly coded: { readonly [Name in CodedName]: Coded<Name> }
  readonly facets: FacetMixes
  /** For columns of many values, of which a question means few. */
  readonly rowsOf: { readonly [Name in ListedName]: RowsByValue }
  readonly prices: Float64Array
  /** NaN where the place is unknown. */
  readonly latitudes: Float64Array
  readonly longitudes: Float64Array
  readonly stamps: BigInt64Array
  readonly nearby: Nearby
  readonly text: TextIndex
  /** 1 = a newer segment has the row, or nobody. */
  readonly gone: Uint8Array
  readonly goneCount: number
  readonly room: Room
}

/** Rows between two breaths: other requests are answered while a large segment is built. */
const BREATH = 500

/** Builds a segment of rows in any order; each id once. */
export async function buildSegment(rows: readonly IndexRow[]): Promise<Segment> {
  const sorted = inOrder(rows)
  const size = sorted.length
  const text = createTextIndexBuilder()
  for (const [at, row] of sorted.entries()) {
    text.add(row.text)
    if (at % BREATH === BREATH - 1) await breathe()
  }
  const coded = {} as Record<CodedName, Coded>
  // Each of these steps takes some milliseconds for a hundred thousand rows.
  const step = async <T>(work: () => T): Promise<T> => {
    if (size > BREATH) await breathe()
    return work()
  }
  for (const name of CODED) coded[name] = await step(() => encode(sorted, name))
  return {
    size,
    ids: sorted.map(({ id }) => id),
    shown: sorted.map(({ shown }) => shown),
    coded: coded as Segment['coded'],
    facets: await step(() => createFacetMixes(coded, size)),
    rowsOf: {
      organizationId: await step(() => createRowsByValue(coded.organizationId)),
      areaId: await step(() => createRowsByValue(coded.areaId)),
    },
    ...(await step(() => figuresOf(sorted))),
    nearby: await step(() => createNearby(sorted.map(({ point }) => point))),
    text: await step(() => text.build()),
    gone: new Uint8Array(size),
    goneCount: 0,
    room: { slots: new Uint32Array(size), fails: new Uint8Array(size), keys: new Float64Array(size) },
  }
}

function figuresOf(sorted: readonly IndexRow[]) {
  return {
    prices: Float64Array.from(sorted, ({ price }) => price),
    latitudes: Float64Array.from(sorted, ({ point }) => point?.latitude ?? Number.NaN),
    longitudes: Float64Array.from(sorted, ({ point }) => point?.longitude ?? Number.NaN),
    stamps: BigInt64Array.from(sorted, ({ stamp }) => stamp),
  }
}

/** Everything is read in order, and ten thousands of rows sorted at once would keep requests waiting. */
function inOrder(rows: readonly IndexRow[]): readonly IndexRow[] {
  const isSorted = rows.every((row, at) => at === 0 || rows[at - 1]!.id < row.id)
  return isSorted ? rows : [...rows].sort((one, other) => (one.id < other.id ? -1 : 1))
}

/** The segment without these offerings; itself where it has none of them. */
export function withoutRows(segment: Segment, ids: Iterable<string>): Segment {
  const slots = [...new Set(ids)].map((id) => slotOf(segment, id)).filter((slot) => slot >= 0)
  if (slots.length === 0) return segment
  const gone = segment.gone.slice()
  for (const slot of slots) gone[slot] = 1
  return { ...segment, gone, goneCount: segment.goneCount + slots.length }
}

/** Where the row is in the segment; -1 where it is not, or gone. */
function slotOf({ ids, gone }: Segment, id: string): number {
  const slot = lowerBound(ids, id)
  return ids[slot] === id && !gone[slot] ? slot : -1
}

function lowerBound(ids: readonly string[], id: string): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ids[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}

function encode<Name extends CodedName>(rows: readonly IndexRow[], name: Name): Coded<Name> {
  const numbers = new Map<unknown, number>()
  const values: IndexRow[Name][] = []
  const codes = Uint32Array.from(rows, (row) => {
    // Equal lists, rules and hours of one reading are one object.
    const value = row[name]
    const known = numbers.get(value)
    if (known !== undefined) return known
    numbers.set(value, values.length)
    return values.push(value) - 1
  })
  return { values, codes }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
