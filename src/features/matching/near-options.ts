/** Options that a single change would make: what an unmet need could have had. */
import { excludedAmong } from './barriers.ts'
import type { NearOption } from './build-problem.ts'
import type { Market } from './options.ts'
import type { SnapshotNeed, SnapshotOffering, SnapshotResident } from './snapshot.ts'

/** How much longer a walk than the accepted one is thought of, and how many options of one kind of change. */
export const WIDER_FACTOR = 2
const MOST_OF_A_KIND = 6

/**
 * Offerings that one change alone would turn into an option, those first that ask for least of their kind, then the most
 * useful; a few of each kind of change. An offering whose place nobody may know by its walk is none of them: what it
 * would take is not known.
 */
export function nearOptions(
  market: Market,
  need: SnapshotNeed,
  resident: SnapshotResident,
  candidates: readonly SnapshotOffering[],
): NearOption[] {
  const near = excludedAmong(market, need, resident, candidates).flatMap(({ barriers, alone }) =>
    alone ? [{ option: alone, barrier: barriers[0]! }] : [],
  )
  near.sort((a, b) => (a.barrier.by ?? 1) - (b.barrier.by ?? 1) || b.option.utility - a.option.utility)
  const kept = new Map<string, number>()
  return near.filter(({ barrier: { kind } }) => {
    const count = kept.get(kind) ?? 0
    kept.set(kind, count + 1)
    return count < MOST_OF_A_KIND
  })
}
