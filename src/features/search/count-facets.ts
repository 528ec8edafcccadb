/** How many results there are of each kind; a facet is counted as if nothing were asked of it. */
import { type Candidates, FACETS, type Facet } from './candidates.ts'

export interface FacetCount {
  value: string
  count: number
}
export type FacetCounts = Record<Facet, FacetCount[]>

/** Terms can be many: the most frequent ones. */
const MOST_TERMS = 20

/** Largest count first, then by value. What has no value (a sector) is in no count. */
export function countFacets(parts: readonly Candidates[]): FacetCounts {
  const counted = {} as FacetCounts
  FACETS.forEach((facet, at) => {
    const all = countFacet(parts, facet, 1 << at)
    counted[facet] = facet === 'term' ? all.slice(0, MOST_TERMS) : all
  })
  return counted
}

function countFacet(parts: readonly Candidates[], facet: Facet, bit: number): FacetCount[] {
  const totals = new Map<string, number>()
  for (const { segment, slots, fails } of parts) {
    const { values, codes } = segment.coded[facet]
    const counts = new Uint32Array(values.length)
    for (let at = 0; at < slots.length; at++) {
      if ((fails[at]! & ~bit) === 0) counts[codes[slots[at]!]!]! += 1
    }
    values.forEach((value, code) => {
      if (value !== null && counts[code]! > 0) totals.set(value, (totals.get(value) ?? 0) + counts[code]!)
    })
  }
  return [...totals]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}
