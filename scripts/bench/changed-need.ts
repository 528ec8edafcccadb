/**
 * A named change made in earnest: in the snapshot, before any option is looked for. Shares nothing with the code that
 * names changes but the snapshot itself.
 */
import type { Option } from '../../src/features/matching/options.ts'
import type { Explanation } from '../../src/features/matching/schemas.ts'
import type {
  Snapshot,
  SnapshotNeed,
  SnapshotOffering,
  SnapshotResident,
} from '../../src/features/matching/snapshot.ts'

export type Change = NonNullable<Explanation['change']>

/** One need in a snapshot of its own. */
export interface Scene {
  snapshot: Snapshot
  need: SnapshotNeed
  resident: SnapshotResident
}

/** Accounts are larger for everybody; what the resident accepts or tells, and exceptions, are the need's alone. */
export function withChange(
  scene: Scene,
  change: Change,
  missed: Pick<Option, 'offering'>,
  by: number,
): Scene {
  const { snapshot, need, resident } = scene
  const named = change.accountId
  switch (change.kind) {
    case 'fund':
      return {
        ...scene,
        snapshot: {
          ...snapshot,
          programs: snapshot.programs.map((program) =>
            program.fund.accountId === named
              ? { ...program, fund: { ...program.fund, available: program.fund.available + by } }
              : program,
          ),
        },
      }
    case 'capacity':
      return withOfferings(scene, ({ capacity }) =>
        capacity.accountId === named ? { capacity: { ...capacity, available: capacity.available + by } } : {},
      )
    case 'staff_time':
      return withOfferings(scene, ({ staffTime }) =>
        staffTime?.accountId === named
          ? { staffTime: { ...staffTime, available: staffTime.available + by } }
          : {},
      )
    case 'cool_off': {
      const { coolingOff: _coolingOff, ...cooled } = resident
      return { ...scene, resident: cooled }
    }
    case 'wallet':
      return {
        ...scene,
        resident: {
          ...resident,
          wallet: {
            accountId: resident.wallet?.accountId ?? 'new',
            available: (resident.wallet?.available ?? 0) + by,
          },
        },
      }
    case 'subsidy_cap': {
      const key = `${change.programId} ${resident.id}`
      const drawn = { ...snapshot.drawn, [key]: (snapshot.drawn[key] ?? 0) - by }
      return { ...scene, snapshot: { ...snapshot, drawn } }
    }
    case 'reach':
      return withReach(scene, missed.offering, change.by === null ? null : by)
    case 'hours':
      return { ...scene, need: { ...need, acceptableHours: null, neededBy: null } }
    case 'unit':
      return { ...scene, need: { ...need, unit: null } }
    case 'refusal':
      return { ...scene, need: { ...need, refusals: { ...need.refusals, [change.fact!]: [] } } }
    case 'consent':
      return { ...scene, resident: { ...resident, point: missed.offering.point } }
    case 'place':
      return withOfferings(scene, ({ id }) => (id === missed.offering.id ? { point: resident.point } : {}))
    case 'rule':
      return withOfferings(scene, ({ id }) => (id === missed.offering.id ? { eligibility: null } : {}))
    case 'fact':
      // Whatever the fact is: at best, every rule about it passes.
      return withOfferings(scene, () => ({ eligibility: null }))
  }
}

function withOfferings(
  scene: Scene,
  change: (offering: SnapshotOffering) => Partial<SnapshotOffering>,
): Scene {
  const offerings = scene.snapshot.offerings.map((offering) => ({ ...offering, ...change(offering) }))
  return { ...scene, snapshot: { ...scene.snapshot, offerings } }
}

function withReach(scene: Scene, offering: SnapshotOffering, by: number | null): Scene {
  const { snapshot, need, resident } = scene
  if (by === null) {
    return withOfferings(scene, ({ id, serviceAreaIds }) =>
      id === offering.id ? { serviceAreaIds: [...serviceAreaIds, resident.areaId] } : {},
    )
  }
  const { reach } = snapshot.policy
  if (offering.mode === 'onsite') {
    const most = Math.floor(need.maxWalkingMinutes ?? reach.onsiteMinutes)
    return { ...scene, need: { ...need, maxWalkingMinutes: most + by } }
  }
  const policy = {
    ...snapshot.policy,
    reach: { ...reach, homeMinutes: Math.floor(reach.homeMinutes) + by },
  }
  return { ...scene, snapshot: { ...snapshot, policy } }
}
