/** The villages of the city as a place to look up names and points in. */

import { type Box, boxOf, insideRing, type Ring } from '../../../features/communities/geometry.ts'
import { straightMeters } from '../../../features/communities/reach.ts'
import type { Point } from '../../../features/communities/schemas.ts'
import type { Village } from '../district.ts'

export interface PlacedVillage {
  village: Village
  rings: Ring[]
}

export interface Places {
  districts: string[]
  villagesOf(district: string): ReadonlySet<string>
  named(district: string, name: string): Village | null
  /** The village whose outline holds the point, else the nearest by centroid. */
  at(point: Point): Village | null
  elderlyOf(district: string): number
}

type Boxed = PlacedVillage & Box

export function placesOf(placed: readonly PlacedVillage[]): Places {
  const districts = [...new Set(placed.map(({ village }) => village.district))]
  const names = new Map(districts.map((district) => [district, new Set<string>()]))
  const byName = new Map<string, Village>()
  const elderly = new Map<string, number>()
  for (const { village } of placed) {
    names.get(village.district)!.add(village.name)
    byName.set(village.district + village.name, village)
    elderly.set(village.district, (elderly.get(village.district) ?? 0) + village.population.age65up)
  }
  const boxes = placed.map(boxed)
  const none: ReadonlySet<string> = new Set()
  return {
    districts,
    villagesOf: (district) => names.get(district) ?? none,
    named: (district, name) => byName.get(district + name) ?? null,
    at: (point) => villageAt(boxes, point),
    elderlyOf: (district) => elderly.get(district) ?? 0,
  }
}

function boxed(placed: PlacedVillage): Boxed {
  return { ...placed, ...boxOf(placed.rings.map((ring) => [ring])) }
}

function villageAt(boxes: readonly Boxed[], point: Point): Village | null {
  const { latitude, longitude } = point
  let nearest: Village | null = null
  let best = Number.POSITIVE_INFINITY
  for (const box of boxes) {
    const near =
      longitude >= box.west && longitude <= box.east && latitude >= box.south && latitude <= box.north
    if (near && box.rings.some((ring) => insideRing(point, ring))) return box.village
    const distance = straightMeters(point, box.village)
    if (distance < best) {
      best = distance
      nearest = box.village
    }
  }
  return nearest
}
