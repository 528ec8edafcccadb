/** The page that follows a place in the order: by key (minutes, points), then by id. */
import type { Candidates } from './candidates.ts'
import type { ShownOffering } from './index-row.ts'

/** A place in the order. */
export interface Place {
  key: number
  id: string
}

export interface Found extends Place {
  shown: ShownOffering
}

export interface CutPage {
  places: Found[]
  /** Whether more follow. */
  more: boolean
  /** All results, on every page. */
  total: number
}

/** The first `limit` results after `after`; null = from the start. */
export function cutPage(parts: readonly Candidates[], after: Place | null, limit: number): CutPage {
  let total = 0
  for (const { fails } of parts) for (let at = 0; at < fails.length; at++) if (fails[at] === 0) total += 1
  const cutoff = kthKey(parts, after, limit + 1)
  const places = parts.flatMap((part) => firstUpTo(part, after, cutoff, limit + 1)).sort(inOrder)
  return { places: places.slice(0, limit), more: places.length > limit, total }
}

function inOrder(one: Place, other: Place): number {
  return one.key - other.key || (one.id < other.id ? -1 : 1)
}

function follows(after: Place | null, key: number, id: string): boolean {
  if (!after || key > after.key) return true
  return key === after.key && id > after.id
}

/** The key of the k-th result: nobody beyond it is on the page. Sorts few keys of many. */
function kthKey(parts: readonly Candidates[], after: Place | null, k: number): number {
  const kept: number[] = []
  let most = Number.POSITIVE_INFINITY
  const prune = () => {
    kept.sort((a, b) => a - b)
    if (kept.length < k) return
    kept.length = k
    most = kept[k - 1]!
  }
  for (const { segment, slots, fails, keys } of parts) {
    if (!keys) return 0
    for (let at = 0; at < slots.length; at++) {
      const key = keys[at]!
      if (fails[at] !== 0 || key >= most || !follows(after, key, segment.ids[slots[at]!]!)) continue
      if (kept.push(key) === 8 * k) prune()
    }
  }
  prune()
  return most
}

/** Of equal keys the first ids are enough: candidates stand in order of id. */
function firstUpTo(part: Candidates, after: Place | null, cutoff: number, k: number): Found[] {
  const { segment, slots, fails, keys } = part
  const found: Found[] = []
  let ties = 0
  for (let at = 0; at < slots.length; at++) {
    const key = keys ? keys[at]! : 0
    if (!keys && ties === k) break
    if (fails[at] !== 0 || key > cutoff || (key === cutoff && ties === k)) continue
    const slot = slots[at]!
    const id = segment.ids[slot]!
    if (!follows(after, key, id)) continue
    if (key === cutoff) ties += 1
    found.push({ key, id, shown: segment.shown[slot]! })
  }
  return found
}
