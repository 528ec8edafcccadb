/** Who asks for what: everything a question about one need depends on besides policy, areas and offerings. */
import type { NeedRow } from '../../residents/register-need.ts'
import type { SnapshotNeed, SnapshotProgram, SnapshotResident } from '../snapshot.ts'

export interface InstantAsking {
  /** The need as it is stored. */
  row: NeedRow
  /** The same as matching sees it. */
  need: SnapshotNeed
  /** Only what live consents for matching let the resident's partner use. */
  resident: SnapshotResident
  /** The partner whose app registered the resident: the recipient that consents were judged for. */
  partnerId: string
  /** Open programs of the need's period that pay for its category and tier, with what their funds hold now, by id. */
  programs: SnapshotProgram[]
  /** What the resident has drawn from them already: `program resident` → minor units. */
  drawn: Record<string, number>
  /** The number of the newest event when all this was read; 0 = none. */
  newestEvent: number
}
