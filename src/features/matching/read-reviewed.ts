/** What reviewers have decided about a run's earlier proposal, as the run sees it when it is solved again. */
import type { BulkLane } from '../../platform/db/bulk-lane.ts'
import type { PinnedMatch, SnapshotNeed } from './snapshot.ts'

export interface Reviewed {
  /** Need → the match that is kept. */
  pinned: ReadonlyMap<string, PinnedMatch>
  /** Need → offerings that were taken from it. */
  excluded: ReadonlyMap<string, readonly string[]>
}

interface ReviewedRow extends PinnedMatch {
  needId: string
  isPinned: boolean
}

const REVIEWED = `
  select m.need_id as "needId", m.offering_id as "offeringId", m.program_id as "programId", m.subsidy::float8 as subsidy,
    m.utility::float8 as utility, m.state = 'proposed' as "isPinned"
  from matches m
  where m.run_id = $1::uuid and (m.state = 'excluded' or m.state = 'proposed' and m.pin_reason is not null)
  order by m.need_id, m.offering_id`

/** @param runId none for a look that is no run's: nothing is decided about it. */
export async function readReviewed(lane: BulkLane, runId: string | undefined): Promise<Reviewed> {
  const pinned = new Map<string, PinnedMatch>()
  const excluded = new Map<string, string[]>()
  if (!runId) return { pinned, excluded }
  for await (const rows of lane.rows<ReviewedRow>(REVIEWED, [runId], 2000)) {
    for (const { needId, isPinned, offeringId, programId, subsidy, utility } of rows) {
      if (isPinned) pinned.set(needId, { offeringId, programId, subsidy, utility })
      else {
        const known = excluded.get(needId) ?? []
        if (!known.includes(offeringId)) excluded.set(needId, [...known, offeringId])
      }
    }
  }
  return { pinned, excluded }
}

/** The decisions about one need; nothing where there are none, so that a first proposal's snapshot says nothing of them. */
export function reviewedAs(
  { pinned, excluded }: Reviewed,
  needId: string,
): Pick<SnapshotNeed, 'pinned' | 'excludedOfferingIds'> {
  const kept = pinned.get(needId)
  const taken = excluded.get(needId)
  return { ...(kept && { pinned: kept }), ...(taken && { excludedOfferingIds: [...taken] }) }
}
