/**
 * Points found by distance: a kd-tree asked for a box that holds the circle. What lies in the box is measured by
 * whoever asks, with `communities/reach.ts`, so that the tree never decides what is within reach.
 *
 * A box from kdbush, not geokdbush's `around`: its queue hands out points in order of distance, which nobody here
 * needs (answers are sorted by walking time, which differs by mode), and took 144 µs instead of 13 for a life circle
 * among 100,000 points.
 */
import KDBush from 'kdbush'
import type { Point } from '../communities/schemas.ts'

export interface Nearby {
  /** Numbers of all points within so many meters, in no order; a few beyond may be among them. */
  around(center: Point, meters: number): number[]
}

/** Shorter than any degree on earth, and a meter for rounding: the box may be too large, never too small. */
const METERS_PER_DEGREE = 111_000

/** Indexes the points under their numbers in the list; those that are null are never near. */
export function createNearby(points: readonly (Point | null)[]): Nearby {
  const numbers = Uint32Array.from(points.flatMap((point, number) => (point ? [number] : [])))
  if (numbers.length === 0) return { around: () => [] }
  const tree = new KDBush(numbers.length)
  for (const number of numbers) tree.add(points[number]!.longitude, points[number]!.latitude)
  tree.finish()
  return {
    around(center, meters) {
      const found = boxesAround(center, meters).flatMap((box) => tree.range(...box))
      return found.map((at) => numbers[at]!)
    },
  }
}

type Box = [west: number, south: number, east: number, north: number]

/** One box, or two where the circle crosses the 180th meridian; all longitudes where it holds a pole. */
function boxesAround({ latitude, longitude }: Point, meters: number): Box[] {
  const high = (meters + 1) / METERS_PER_DEGREE
  const [south, north] = [latitude - high, latitude + high]
  const widest = Math.max(Math.abs(south), Math.abs(north))
  if (widest >= 89.9) return [[-180, south, 180, north]]
  // Meridians are closest where the box is farthest from the equator.
  const wide = high / Math.cos((widest * Math.PI) / 180)
  if (wide >= 180) return [[-180, south, 180, north]]
  const [west, east] = [longitude - wide, longitude + wide]
  if (west < -180)
    return [
      [-180, south, east, north],
      [west + 360, south, 180, north],
    ]
  if (east > 180)
    return [
      [west, south, 180, north],
      [-180, south, east - 360, north],
    ]
  return [[west, south, east, north]]
}
