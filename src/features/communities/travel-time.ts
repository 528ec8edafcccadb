/**
 * How long people walk, as a port: the formula of the life circle, or a router that knows rivers and stairs. Matching
 * keeps the formula, so that a run can be replayed; coverage may ask the router.
 */
import { type Walking, walkingMinutes } from './reach.ts'
import type { Point } from './schemas.ts'

export interface TravelTime {
  /**
   * Minutes on foot from every origin to every destination: one row per origin, in the order given; null where there
   * is no way.
   * @throws Refusal `unavailable` where the answer has to come from elsewhere, and does not.
   */
  matrix(origins: readonly Point[], destinations: readonly Point[]): Promise<(number | null)[][]>
}

/** Straight line × detour ÷ speed: always there, always the same. */
export function reckonedTravel(walking: Walking): TravelTime {
  return {
    matrix: async (origins, destinations) =>
      origins.map((from) => destinations.map((to) => walkingMinutes(from, to, walking))),
  }
}
