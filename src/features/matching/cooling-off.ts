/** What is not to be offered to a resident again yet, as options read it. */
import type { SnapshotResident } from './snapshot.ts'

/** The part of a resident that says it; nothing, where nothing is: a snapshot is as it was without. */
export function coolingOffOf(
  offeringIds: readonly string[] | null,
  organizationIds: readonly string[] | null,
): Pick<SnapshotResident, 'coolingOff'> {
  if (!offeringIds && !organizationIds) return {}
  return {
    coolingOff: {
      offeringIds: [...(offeringIds ?? [])].sort(),
      organizationIds: [...(organizationIds ?? [])].sort(),
    },
  }
}
