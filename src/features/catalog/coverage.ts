/** Whether the places of a service lie within reach of communities, weighted by whom it is for. Pure. */
import { around } from 'geokdbush'
import KDBush from 'kdbush'
import { straightMeters } from '../communities/reach.ts'
import type { Point } from '../communities/schemas.ts'
import type { TravelTime } from '../communities/travel-time.ts'
import type { Coverage } from './coverage-schemas.ts'

export interface Community {
  areaId: string
  code: string
  name: string
  point: Point | null
  age65up: number | null
}

type Nearest = Coverage['communities'][number]['nearest']

/** Answers with the places nearest to a point, the nearest first. */
export type PlaceFinder = (from: Point, most: number) => Point[]

/** An index of places by great-circle distance; its order is that of `straightMeters`. */
export function placeFinder(places: readonly Point[]): PlaceFinder {
  const index = new KDBush(places.length)
  for (const { longitude, latitude } of places) index.add(longitude, latitude)
  index.finish()
  return ({ longitude, latitude }, most) =>
    around(index, longitude, latitude, most).map((found) => places[found]!)
}

/** The nearest place in a straight line. */
export function nearestStraight(community: Community, find: PlaceFinder): Nearest {
  const [place] = community.point ? find(community.point, 1) : []
  return place ? { meters: straightMeters(community.point!, place), minutes: null } : null
}

/** Places that one question to `TravelTime` is about: what a router takes at once. */
const PLACES_PER_QUESTION = 50

/**
 * The nearest place on foot, of each community's `candidates` nearest ones in a straight line: on foot a farther one
 * may be nearer. Communities are asked about together, as many as the question holds.
 */
export async function nearestOnFoot(
  communities: readonly Community[],
  find: PlaceFinder,
  travel: TravelTime,
  candidates: number,
): Promise<Nearest[]> {
  const found: Nearest[] = communities.map(() => null)
  for (const { asked, places } of questions(communities, find, candidates)) {
    const minutes = await travel.matrix(
      asked.map(({ from }) => from),
      places,
    )
    asked.forEach(({ at, from }, row) => {
      found[at] = quickest(from, places, minutes[row]!)
    })
  }
  return found
}

interface Question {
  asked: { at: number; from: Point }[]
  places: Point[]
}

function questions(communities: readonly Community[], find: PlaceFinder, candidates: number): Question[] {
  const all: Question[] = []
  let open: Question = { asked: [], places: [] }
  communities.forEach(({ point }, at) => {
    const near = point ? find(point, candidates) : []
    if (!point || near.length === 0) return
    const together = new Set([...open.places, ...near])
    if (together.size > PLACES_PER_QUESTION || open.asked.length === PLACES_PER_QUESTION) {
      all.push(open)
      open = { asked: [], places: [] }
    }
    open.asked.push({ at, from: point })
    open.places = [...new Set([...open.places, ...near])]
  })
  return open.asked.length > 0 ? [...all, open] : all
}

function quickest(from: Point, places: readonly Point[], minutes: readonly (number | null)[]): Nearest {
  let best: Nearest = null
  places.forEach((place, column) => {
    const walk = minutes[column]!
    if (walk === null || walk >= (best?.minutes ?? Number.POSITIVE_INFINITY)) return
    best = { meters: straightMeters(from, place), minutes: walk }
  })
  return best
}

/** Who is covered: the communities whose nearest place is within the limit, and the share of residents in them. */
export function weighCoverage(
  communities: readonly Community[],
  nearest: readonly Nearest[],
  isWithin: (found: NonNullable<Nearest>) => boolean,
): Pick<Coverage, 'communities' | 'total'> {
  const rows = communities.map(({ point, ...community }, at) => {
    const found = nearest[at] ?? null
    const covered = point === null ? null : found !== null && isWithin(found)
    return { ...community, nearest: found, covered }
  })
  const known = rows.filter(({ covered, age65up }) => covered !== null && age65up !== null)
  const sum = (some: typeof rows) => some.reduce((total, { age65up }) => total + age65up!, 0)
  const [age65up, age65upCovered] = [sum(known), sum(known.filter(({ covered }) => covered))]
  const total = {
    communities: rows.length,
    covered: rows.filter(({ covered }) => covered).length,
    unknown: rows.length - known.length,
    age65up,
    age65upCovered,
    share: age65up === 0 ? null : age65upCovered / age65up,
  }
  return { communities: rows, total }
}
