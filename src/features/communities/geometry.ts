/** Rings of points, in degrees, and steps in meters. Pure. */
import type { Point } from './schemas.ts'

/** A closed ring of [longitude, latitude], as in GeoJSON; further numbers of a position, such as a height, are ignored. */
export type Ring = readonly (readonly number[])[]

/** An outline: polygons, each with its outer ring first and its holes after it. */
export type Outline = readonly (readonly Ring[])[]

/** The smallest box of degrees that holds an outline. Outlines across the 180th meridian are cut there, as RFC 7946 asks. */
export interface Box {
  west: number
  east: number
  south: number
  north: number
}

const EARTH_RADIUS = 6_371_000

/** Signed area and area centroid of a ring, in degrees: a village is too small for the Earth to curve. */
export function ringCentroid(ring: Ring): { area: number; point: Point } {
  // Relative to the first vertex: the raw products would eat the digits that matter.
  const [x0 = 0, y0 = 0] = ring[0] ?? []
  let doubled = 0
  let x = 0
  let y = 0
  for (let index = 1; index < ring.length; index++) {
    const [ax, ay] = [ring[index - 1]![0]! - x0, ring[index - 1]![1]! - y0]
    const [bx, by] = [ring[index]![0]! - x0, ring[index]![1]! - y0]
    const cross = ax * by - bx * ay
    doubled += cross
    x += (ax + bx) * cross
    y += (ay + by) * cross
  }
  if (doubled === 0) return { area: 0, point: { latitude: y0, longitude: x0 } }
  return {
    area: doubled / 2,
    point: { latitude: y0 + y / (3 * doubled), longitude: x0 + x / (3 * doubled) },
  }
}

/** The point that stands for an area: the centroid of its largest ring. Of a village with an islet, the village's. */
export function largestRingCentroid(rings: readonly Ring[]): Point {
  return rings
    .map(ringCentroid)
    .reduce((best, next) => (Math.abs(next.area) > Math.abs(best.area) ? next : best)).point
}

/** Whether the point lies inside the ring (even–odd rule). */
export function insideRing(point: Point, ring: Ring): boolean {
  let inside = false
  for (let index = 0, before = ring.length - 1; index < ring.length; before = index++) {
    const [ax, ay] = ring[index] as [number, number]
    const [bx, by] = ring[before] as [number, number]
    const crosses = ay > point.latitude !== by > point.latitude
    if (crosses && point.longitude < ((bx - ax) * (point.latitude - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** Whether the point lies in one of the outline's polygons and in none of its holes. */
export function insideOutline(point: Point, outline: Outline): boolean {
  return outline.some(
    ([outer = [], ...holes]) => insideRing(point, outer) && !holes.some((hole) => insideRing(point, hole)),
  )
}

/** The box of an outline. */
export function boxOf(outline: Outline): Box {
  const box = { west: 180, east: -180, south: 90, north: -90 }
  for (const [x, y] of outline.flat(2) as [number, number][]) {
    box.west = Math.min(box.west, x)
    box.east = Math.max(box.east, x)
    box.south = Math.min(box.south, y)
    box.north = Math.max(box.north, y)
  }
  return box
}

/** Moves a point by meters north and east. */
export function moved(point: Point, north: number, east: number): Point {
  const perDegree = (EARTH_RADIUS * Math.PI) / 180
  return {
    latitude: point.latitude + north / perDegree,
    longitude: point.longitude + east / (perDegree * Math.cos((point.latitude * Math.PI) / 180)),
  }
}
