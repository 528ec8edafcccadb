/** Which rows of a segment a query may mean, column by column: a filter looks at each different value once. */
import type { Mode } from '../catalog/schemas.ts'
import { walkingMinutes } from '../communities/reach.ts'
import type { Point } from '../communities/schemas.ts'
import { FACETS, type Facet } from './facet-mixes.ts'
import type { IndexRow } from './index-row.ts'
import { takeRows } from './rows-by-value.ts'
import { type CodedName, LISTED, type ListedName, type Room, type Segment } from './segment.ts'

/** A condition on a column. That on a facet does not narrow the facet's own counts. */
export interface Filter {
  column: CodedName
  allows(value: IndexRow[CodedName]): boolean
}

/** A query, ready to be asked of any segment. */
export interface Wanted {
  filters: Filter[]
  maxPrice: number | null
  /** Folded words, all of which must be found; none = any text. */
  words: string[]
  near: Near | null
}

export interface Near {
  center: Point
  minutes: number
  detourFactor: number
  /** Who walks, and how fast; a mode that is missing here is not a walk away. */
  metersPerSecond: Partial<Record<Mode, number>>
}

/** Rows that are found, and those that one filter on a facet keeps out. */
export interface Candidates {
  segment: Segment
  /** Ascending. */
  slots: Uint32Array
  /** By candidate: 0 = found; otherwise the bit of the one facet whose filter it fails, or `OUT`. */
  fails: Uint8Array
  /** By candidate, what comes first in ascending order: minutes, or negative points. Null = all alike. */
  keys: Float64Array | null
}

export const OUT = 128

/**
 * Everything of the segment that the query finds, or counts in a facet. Every condition leaves fewer for the next.
 * Plain loops here and below: `from` and `map` of typed arrays take ten times as long.
 * @returns candidates in the segment's room: good until the segment is asked the next time, which is not before the
 *   caller waits for something.
 */
export function candidatesOf(segment: Segment, wanted: Wanted): Candidates {
  const { words, near, filters, maxPrice } = wanted
  const found = segment.room
  let left = near ? takeNearby(segment, found, near) : takeListed(segment, found, filters)
  const points = words.length > 0 ? segment.text.points(words, found.slots.subarray(0, left)) : null
  if (points) left = dropWordless(found, left, points)
  if (maxPrice !== null) left = dropDear(segment, found, left, maxPrice)
  for (const filter of filters) if (!isFacet(filter.column)) left = dropFailing(segment, found, left, filter)
  left = dropFailingTwice(segment, found, left, filters)
  if (near) left = dropFar(segment, found, left, near)
  if (!near && points) writePoints(found, left, points)
  const [slots, fails] = [found.slots.subarray(0, left), found.fails.subarray(0, left)]
  return { segment, slots, fails, keys: near || points ? found.keys.subarray(0, left) : null }
}

function writePoints({ slots, keys }: Room, left: number, points: Uint16Array): void {
  for (let at = 0; at < left; at++) keys[at] = -points[slots[at]!]!
}

/** A quarter of the rows by their lists is as fast as all of them, one after the other. */
const MOST_LISTED = 1 / 4

/** Everything that is left of the segment; where a condition on a listed column leaves few, those. */
function takeListed(segment: Segment, { slots }: Room, filters: readonly Filter[]): number {
  const { size, gone, goneCount, rowsOf, coded } = segment
  let left = -1
  for (const filter of filters) {
    if (!isListed(filter.column)) continue
    const allowed = codesAllowed(coded[filter.column].values, filter)
    left = takeRows(rowsOf[filter.column], allowed, slots, size * MOST_LISTED)
    if (left >= 0) break
  }
  if (left < 0) for (left = 0; left < size; left++) slots[left] = left
  return goneCount === 0 ? left : dropGone(gone, slots, left)
}

function dropGone(gone: Uint8Array, slots: Uint32Array, among: number): number {
  let left = 0
  for (let at = 0; at < among; at++) {
    const slot = slots[at]!
    slots[left] = slot
    left += 1 - gone[slot]!
  }
  return left
}

function isFacet(column: CodedName): column is Facet {
  return FACETS.includes(column as Facet)
}

function isListed(column: CodedName): column is ListedName {
  return LISTED.includes(column as ListedName)
}

function codesAllowed(values: readonly IndexRow[CodedName][], { allows }: Filter): number[] {
  const allowed: number[] = []
  for (let code = 0; code < values.length; code++) if (allows(values[code]!)) allowed.push(code)
  return allowed
}

/** Those in the box around the circle; ascending, like all candidates. */
function takeNearby({ gone, nearby }: Segment, { slots }: Room, near: Near): number {
  const speeds = Object.values(near.metersPerSecond)
  const meters = (near.minutes * 60 * Math.max(0, ...speeds)) / near.detourFactor
  let left = 0
  for (const slot of nearby.around(near.center, meters)) if (gone[slot] === 0) slots[left++] = slot
  slots.subarray(0, left).sort()
  return left
}

// Each of these moves what stays to the front, and returns how many that are. They write every row and count the ones
// that stay: a processor guesses wrong at every second `if`, which takes it longer.

function dropWordless({ slots }: Room, among: number, points: Uint16Array): number {
  let left = 0
  for (let at = 0; at < among; at++) {
    const slot = slots[at]!
    slots[left] = slot
    left += points[slot]! > 0 ? 1 : 0
  }
  return left
}

function dropFailing({ coded }: Segment, { slots }: Room, among: number, filter: Filter): number {
  const { codes, values } = coded[filter.column]
  const allowed = codesAllowed(values, filter)
  if (allowed.length === values.length) return among
  const stays = new Uint8Array(values.length)
  for (const code of allowed) stays[code] = 1
  let left = 0
  for (let at = 0; at < among; at++) {
    const slot = slots[at]!
    slots[left] = slot
    left += stays[codes[slot]!]!
  }
  return left
}

/** Marks the facet whose filter a row fails, and drops those that fail two: they count nowhere. */
function dropFailingTwice(
  { coded, facets }: Segment,
  { slots, fails }: Room,
  among: number,
  filters: readonly Filter[],
): number {
  const asked = filters.filter(({ column }) => isFacet(column))
  fails.fill(0, 0, among)
  if (asked.length === 0) return among
  const failOf = new Uint8Array(facets.count)
  for (const filter of asked) {
    const codes = facets.codes[filter.column as Facet]
    const bits = new Uint8Array(coded[filter.column].values.length)
    bits.fill(1 << FACETS.indexOf(filter.column as Facet))
    for (const code of codesAllowed(coded[filter.column].values, filter)) bits[code] = 0
    for (let mix = 0; mix < facets.count; mix++) failOf[mix] = failOf[mix]! | bits[codes[mix]!]!
  }
  let left = 0
  for (let at = 0; at < among; at++) {
    const slot = slots[at]!
    const fail = failOf[facets.mixes[slot]!]!
    slots[left] = slot
    fails[left] = fail
    left += (fail & (fail - 1)) === 0 ? 1 : 0
  }
  return left
}

function dropDear({ prices }: Segment, { slots }: Room, among: number, maxPrice: number): number {
  let left = 0
  for (let at = 0; at < among; at++) if (prices[slots[at]!]! <= maxPrice) slots[left++] = slots[at]!
  return left
}

/** Measures the walk to each, and drops those beyond reach. */
function dropFar(segment: Segment, { slots, fails, keys }: Room, among: number, near: Near): number {
  const { center, minutes: most, detourFactor, metersPerSecond: speeds } = near
  const { latitudes, longitudes, coded } = segment
  const speedOf = coded.mode.values.map((mode) => speeds[mode])
  let left = 0
  for (let at = 0; at < among; at++) {
    const slot = slots[at]!
    const metersPerSecond = speedOf[coded.mode.codes[slot]!]
    if (!metersPerSecond) continue
    const place = { latitude: latitudes[slot]!, longitude: longitudes[slot]! }
    const walk = walkingMinutes(center, place, { metersPerSecond, detourFactor })
    if (walk > most) continue
    slots[left] = slot
    fails[left] = fails[at]!
    keys[left++] = walk
  }
  return left
}
