/** Which offerings of a kind are worth a look for a need: those that are not certainly out of reach. */

import type { PolicyDocument } from '../policies/schemas.ts'
import { createNearby, type Nearby } from '../search/nearby.ts'
import type { SnapshotNeed, SnapshotOffering, SnapshotResident } from './snapshot.ts'

/** What of an offering decides who can get to it. */
export type Located = Pick<SnapshotOffering, 'mode' | 'point' | 'serviceAreaIds'>

/** The offerings of one kind, in the order given. */
export interface ReachableOfferings<Offering extends Located> {
  readonly count: number
  /**
   * In the order given, all that are within reach and some that are not; every other one is out of reach.
   * @param areas the resident's area and those it lies in.
   * @param wider within which to look instead, where it is more than what counts as within reach.
   */
  for(need: SnapshotNeed, resident: SnapshotResident, areas: ReadonlySet<string>, wider?: Wider): Offering[]
}

/** A walk longer than the need's and the policy's, to services and to homes: for what lies just out of reach. */
export interface Wider {
  minutes: number
}

/** So few are looked at one by one: asking an index costs as much. */
const FEW = 24

/** How far somebody walks for this: to a service the resident does, to a home the staff do. */
export function walkFor(
  policy: PolicyDocument,
  need: SnapshotNeed,
  resident: SnapshotResident,
  mode: 'onsite' | 'home',
): { metersPerSecond: number; most: number } {
  const { metersPerSecond, onsiteMinutes, homeMinutes } = policy.reach
  if (mode === 'home') return { metersPerSecond: metersPerSecond.independent, most: homeMinutes }
  const mobility = (resident.facts.mobility ?? 'independent') as keyof typeof metersPerSecond
  return { metersPerSecond: metersPerSecond[mobility], most: need.maxWalkingMinutes ?? onsiteMinutes }
}

export function createReachable<Offering extends Located>(
  policy: PolicyDocument,
  offerings: readonly Offering[],
): ReachableOfferings<Offering> {
  const count = offerings.length
  if (count <= FEW) return { count, for: () => [...offerings] }
  const index = indexOf(offerings)
  return {
    count,
    for(need, resident, areas, wider) {
      const { point } = resident
      const near = (mode: 'onsite' | 'home') => {
        const { metersPerSecond, most } = walkFor(policy, need, resident, mode)
        const minutes = Math.max(most, wider?.minutes ?? 0)
        return index[mode].around(point!, (minutes * 60 * metersPerSecond) / policy.reach.detourFactor)
      }
      const numbers = [
        ...index.anywhere,
        ...(point ? [...near('onsite'), ...near('home')] : index.walkedTo),
        ...serving(index.byArea, areas),
      ]
      return numbers.sort((a, b) => a - b).map((number) => offerings[number]!)
    },
  }
}

interface KindIndex {
  /** Without a way to measure: remote ones, and those whose place is unknown. */
  anywhere: number[]
  /** Those with a place, by numbers and by distance. */
  walkedTo: number[]
  onsite: Nearby
  home: Nearby
  byArea: Map<string, number[]>
}

function indexOf(offerings: readonly Located[]): KindIndex {
  const byArea = new Map<string, number[]>()
  const [anywhere, walkedTo]: [number[], number[]] = [[], []]
  offerings.forEach(({ serviceAreaIds, mode, point }, number) => {
    for (const id of new Set(serviceAreaIds)) byArea.set(id, [...(byArea.get(id) ?? []), number])
    if (serviceAreaIds.length > 0) return
    if (mode === 'remote' || !point) anywhere.push(number)
    else walkedTo.push(number)
  })
  const placed = new Set(walkedTo)
  const nearby = (mode: 'onsite' | 'home') =>
    createNearby(offerings.map((one, number) => (placed.has(number) && one.mode === mode ? one.point : null)))
  return { anywhere, walkedTo, onsite: nearby('onsite'), home: nearby('home'), byArea }
}

function serving(byArea: Map<string, number[]>, areas: ReadonlySet<string>): Set<number> {
  const numbers = new Set<number>()
  for (const area of areas) for (const number of byArea.get(area) ?? []) numbers.add(number)
  return numbers
}
