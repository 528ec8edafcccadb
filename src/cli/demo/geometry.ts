/** Rings of points, in degrees, and steps in meters. Pure. */

import type { Point } from '../../features/communities/schemas.ts'

/** A closed ring of [longitude, latitude], as in GeoJSON. */
export type Ring = readonly (readonly [number, number])[]

const EARTH_RADIUS = 6_371_000

/** Signed area and area centroid of a ring, in degrees: a village is too small for the Earth to curve. */
export function ringCentroid(ring: Ring): { area: number; point: Point } {
  // Relative to the first vertex: the raw products would eat the digits that matter.
  const [x0, y0] = ring[0] ?? [0, 0]
  let doubled = 0
  let x = 0
  let y = 0
  for (let index = 1; index < ring.length; index++) {
    const [ax, ay] = [ring[index - 1]![0] - x0, ring[index - 1]![1] - y0]
    const [bx, by] = [ring[index]![0] - x0, ring[index]![1] - y0]
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

/** Whether the point lies inside the ring (even–odd rule). */
export function insideRing(point: Point, ring: Ring): boolean {
  let inside = false
  for (let index = 0, before = ring.length - 1; index < ring.length; before = index++) {
    const [ax, ay] = ring[index]!
    const [bx, by] = ring[before]!
    const crosses = ay > point.latitude !== by > point.latitude
    if (crosses && point.longitude < ((bx - ax) * (point.latitude - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** Moves a point by meters north and east. */
export function moved(point: Point, north: number, east: number): Point {
  const perDegree = (EARTH_RADIUS * Math.PI) / 180
  return {
    latitude: point.latitude + north / perDegree,
    longitude: point.longitude + east / (perDegree * Math.cos((point.latitude * Math.PI) / 180)),
  }
}
