/** Where somebody lives, as exactly as matching needs it and no more. */
import type { Point } from '../communities/schemas.ts'

/** Rounds to three decimals: at most 56 m off in latitude, less in longitude. */
export function coarsePoint({ latitude, longitude }: Point): Point {
  return { latitude: Math.round(latitude * 1000) / 1000, longitude: Math.round(longitude * 1000) / 1000 }
}
