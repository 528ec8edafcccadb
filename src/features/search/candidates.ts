/** Which rows of a segment a query may mean, column by column: a filter looks at each different value once. */
import type { Mode } from '../catalog/schemas.ts'
import { walkingMinutes } from '../communities/reach.ts'
import type { Point } from '../communities/schemas.ts'
import type { IndexRow } from './index-row.ts'
import type { CodedName, Segment } from './segment.ts'

/** What results are counted by. */
export const FACETS = ['category', 'tier', 'mode', 'sector', 'priceType', 'term'] as const
export type Facet = (typeof FACETS)[number]

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
  /** By candidate: 0 = found; otherwise the bit of the facet whose filter it fails, or `OUT`. */
  fails: Uint8Array
  /** By candidate, what comes first in ascending order: minutes, or negative points. Null = all alike. */
  keys: Float64Array | null
}

export const OUT = 128

/** Room for one segment's candidates, used again by every query: nobody waits between taking and copying. */
interface Room {
  slots: Uint32Array
  fails: Uint8Array
  minutes: Float64Array
}

let room: Room = { slots: new Uint32Array(0), fails: new Uint8Array(0), minutes: new Float64Array(0) }

function roomFor(size: number): Room {
  if (room.slots.length < size) {
    room = { slots: new Uint32Array(size), fails: new Uint8Array(size), minutes: new Float64Array(size) }
  }
  return room
}

/**
 * Everything of the segment that the query finds, or counts in a facet. Every condition leaves fewer for the next.
 * Plain loops here and below: `from` and `map` of typed arrays take ten times as long.
 */
export function candidatesOf(segment: Segment, wanted: Wanted): Candidates {
  const { words, near, filters, maxPrice } = wanted
  const points = words.length > 0 ? segment.text.points(words) : null
  const found = roomFor(segment.size)
  let left = near ? takeNearby(segment, found, near, points) : takeAll(segment, found, points)
  found.fails.fill(0, 0, left)
  if (maxPrice !== null) left = dropDear(segment, found, left, maxPrice)
  for (const filter of filters) if (bitOf(filter) === OUT) left = dropFailing(segment, found, left, filter)
  for (const filter of filters) if (bitOf(filter) !== OUT) left = dropFailing(segment, found, left, filter)
  if (near) left = dropFar(segment, found, left, near)
  const slots = found.slots.slice(0, left)
  const keys = near ? found.minutes.slice(0, left) : points && pointsAsKeys(slots, points)
  return { segment, slots, fails: found.fails.slice(0, left), keys }
}

function pointsAsKeys(slots: Uint32Array, points: Uint16Array): Float64Array {
  const keys = new Float64Array(slots.length)
  for (let at = 0; at < slots.length; at++) keys[at] = -points[slots[at]!]!
  return keys
}

function takeAll({ gone, goneCount, size }: Segment, { slots }: Room, points: Uint16Array | null): number {
  let left = 0
  if (points) {
    for (let slot = 0; slot < size; slot++) if (points[slot]! > 0 && gone[slot] === 0) slots[left++] = slot
    return left
  }
  if (goneCount > 0) {
    for (let slot = 0; slot < size; slot++) if (gone[slot] === 0) slots[left++] = slot
    return left
  }
  while (left < size) slots[left] = left++
  return left
}

/** Those in the box around the circle; ascending, like all candidates. */
function takeNearby(
  { gone, nearby }: Segment,
  { slots }: Room,
  near: Near,
  points: Uint16Array | null,
): number {
  const speeds = Object.values(near.metersPerSecond)
  const meters = (near.minutes * 60 * Math.max(0, ...speeds)) / near.detourFactor
  let left = 0
  for (const slot of nearby.around(near.center, meters)) {
    if (gone[slot] === 0 && (!points || points[slot]! > 0)) slots[left++] = slot
  }
  slots.subarray(0, left).sort()
  return left
}

function bitOf({ column }: Filter): number {
  const facet = FACETS.indexOf(column as Facet)
  return facet < 0 ? OUT : 1 << facet
}

/** Drops those that fail a filter that is no facet's, or two that are. @returns how many are left, in front. */
function dropFailing({ coded }: Segment, { slots, fails }: Room, among: number, filter: Filter): number {
  const { codes } = coded[filter.column]
  const bit = bitOf(filter)
  const failOf = failsByCode(coded[filter.column].values, filter, bit)
  if (!failOf.includes(bit)) return among
  let left = 0
  for (let at = 0; at < among; at++) {
    const slot = slots[at]!
    const fail = fails[at]! | failOf[codes[slot]!]!
    if (fail >= OUT || (fail & (fail - 1)) !== 0) continue
    slots[left] = slot
    fails[left++] = fail
  }
  return left
}

function failsByCode(values: readonly IndexRow[CodedName][], { allows }: Filter, bit: number): Uint8Array {
  const failOf = new Uint8Array(values.length)
  for (let code = 0; code < values.length; code++) if (!allows(values[code]!)) failOf[code] = bit
  return failOf
}

function dropDear({ prices }: Segment, { slots }: Room, among: number, maxPrice: number): number {
  let left = 0
  for (let at = 0; at < among; at++) if (prices[slots[at]!]! <= maxPrice) slots[left++] = slots[at]!
  return left
}

/** Measures the walk to each, and drops those beyond reach. */
function dropFar(segment: Segment, { slots, fails, minutes }: Room, among: number, near: Near): number {
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
    minutes[left++] = walk
  }
  return left
}
