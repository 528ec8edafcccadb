/** A snapshot taken apart: what is of no resident, and of each resident what is theirs, so that one can be taken out. */
import type { Snapshot, SnapshotNeed, SnapshotResident } from './snapshot.ts'

/** What is of no resident; whatever a snapshot gains goes here, unless it is a resident's. */
export type CommonPart = Omit<Snapshot, 'residents' | 'needs' | 'drawn'>

export interface ResidentPart {
  resident: SnapshotResident
  needs: SnapshotNeed[]
  /** What they have drawn from per-resident caps: program → minor units. */
  drawn: Record<string, number>
}

export interface SnapshotParts {
  common: CommonPart
  /** In the snapshot's order of residents. */
  residents: Iterable<ResidentPart>
}

/** Takes a snapshot apart; residents one at a time, as they are asked for. */
export function takeApart({ residents, needs, drawn, ...common }: Snapshot): SnapshotParts {
  const needsOf = new Map<string, SnapshotNeed[]>()
  for (const need of needs) add(needsOf, need.residentId, need)
  const drawnBy = new Map<string, [programId: string, amount: number][]>()
  for (const [key, amount] of Object.entries(drawn)) {
    const [programId, residentId] = key.split(' ') as [string, string]
    add(drawnBy, residentId, [programId, amount])
  }
  const parts = function* (): Generator<ResidentPart> {
    for (const resident of residents) {
      const own = Object.fromEntries(drawnBy.get(resident.id) ?? [])
      yield { resident, needs: needsOf.get(resident.id) ?? [], drawn: own }
    }
  }
  return { common, residents: parts() }
}

function add<T>(groups: Map<string, T[]>, key: string, one: T): void {
  const group = groups.get(key)
  if (group) group.push(one)
  else groups.set(key, [one])
}

/** The snapshot again: the same, byte for byte, where all parts are there. */
export function putTogether({ common, residents }: SnapshotParts): Snapshot {
  const snapshot: Snapshot = { ...common, residents: [], needs: [], drawn: {} }
  for (const part of residents) {
    snapshot.residents.push(part.resident)
    snapshot.needs.push(...part.needs)
    for (const [programId, amount] of Object.entries(part.drawn)) {
      snapshot.drawn[`${programId} ${part.resident.id}`] = amount
    }
  }
  // In order of registration, as they were read.
  snapshot.needs.sort((a, b) => (a.id < b.id ? -1 : 1))
  return snapshot
}
