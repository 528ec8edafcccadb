/** The policy's fairness floors over one run's needs: who belongs to a group, and how much of it can be asked for. */
import type { FloorGroup } from '../policies/schemas.ts'
import { withAncestors } from './options.ts'
import type { Snapshot, SnapshotNeed, SnapshotResident } from './snapshot.ts'

/** A need with whom it is of. */
interface Member {
  need: SnapshotNeed
  resident: SnapshotResident
}

/** A floor as a run is asked to hold it. */
export interface RunFloor {
  group: FloorGroup
  /** Of the group, kept matches among them. */
  needs: number
  /** How many of them the policy wants met. */
  asked: number
  /** How many of them have an option or a kept match: no run meets more. */
  attainable: number
  /** How many of them have a kept match. */
  kept: number
}

/** What the engine has to meet beside the kept matches: what is out of reach is not asked of it. */
export function openFloor({ asked, attainable, kept }: RunFloor): number {
  return Math.max(0, Math.min(asked, attainable) - kept)
}

/**
 * Counts the floors of the snapshot's policy, in its order.
 * @param open needs that the run is to meet, each with how many options it has.
 * @returns the floors, and for every open need the places of those that it counts for.
 */
export function countFloors(
  snapshot: Snapshot,
  open: readonly (Member & { options: number })[],
  kept: readonly Member[],
): { floors: RunFloor[]; floorsOfNeed: readonly (readonly number[])[] } {
  const asked = snapshot.policy.floors ?? []
  const floors = asked.map(({ group }): RunFloor => {
    return { group, needs: 0, asked: 0, attainable: 0, kept: 0 }
  })
  if (floors.length === 0) return { floors, floorsOfNeed: open.map(() => NO_FLOORS) }
  const placesOf = createMembership(snapshot, floors)
  for (const place of kept.flatMap(placesOf)) {
    const floor = floors[place]!
    floor.needs++
    floor.kept++
    floor.attainable++
  }
  const floorsOfNeed = open.map((member) => {
    const places = placesOf(member)
    for (const place of places) {
      floors[place]!.needs++
      if (member.options > 0) floors[place]!.attainable++
    }
    return places
  })
  for (const [place, floor] of floors.entries()) {
    floor.asked = Math.ceil((floor.needs * asked[place]!.share) / 100)
  }
  return { floors, floorsOfNeed }
}

const NO_FLOORS: readonly number[] = []

/** Says which floors' groups a need is of. */
function createMembership(snapshot: Snapshot, floors: readonly RunFloor[]): (member: Member) => number[] {
  const around = new Map<string, ReadonlySet<string>>()
  const areasOf = (areaId: string) => {
    const known = around.get(areaId) ?? withAncestors(snapshot.parents, areaId)
    around.set(areaId, known)
    return known
  }
  const isIn = (group: FloorGroup, { need, resident }: Member): boolean => {
    switch (group.by) {
      case 'tier':
        return need.tier === group.value
      case 'category':
        return need.category === group.value
      case 'income_class':
        // Who has not consented to be counted is in no income group.
        return resident.statistics?.incomeClass === group.value
      case 'area':
        return areasOf(resident.areaId).has(group.value)
    }
  }
  return (member) => [...floors.keys()].filter((place) => isIn(floors[place]!.group, member))
}
