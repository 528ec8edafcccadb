/**
 * How far people walk: the 15-minute life circle. Walking minutes = straight line × detour factor ÷
 * walking speed; the policy names all three (default 0.8 m/s for slow walkers, 1.2 m/s otherwise). An estimate: it
 * knows no rivers and no stairs.
 */
import type { Point } from './schemas.ts'

/** Mean radius of the earth. */
const EARTH_METERS = 6_371_000

export interface Walking {
  metersPerSecond: number
  /** Walked distance ÷ straight line, at least 1. */
  detourFactor: number
}

/** Meters along the great circle (haversine: exact enough also for points a few meters apart). */
export function straightMeters(a: Point, b: Point): number {
  const sinLatitude = Math.sin(radians(b.latitude - a.latitude) / 2)
  const sinLongitude = Math.sin(radians(b.longitude - a.longitude) / 2)
  const h =
    sinLatitude * sinLatitude +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * sinLongitude * sinLongitude
  // Rounding may lift h above 1 for antipodes, and asin would give NaN.
  return 2 * EARTH_METERS * Math.asin(Math.sqrt(Math.min(1, h)))
}

/** Minutes to walk from a to b. */
export function walkingMinutes(a: Point, b: Point, { metersPerSecond, detourFactor }: Walking): number {
  return (straightMeters(a, b) * detourFactor) / metersPerSecond / 60
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
