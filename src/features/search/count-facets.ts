/** How many results there are of each kind; a facet is counted as if nothing were asked of it. */
import { type Candidates, OUT } from './candidates.ts'
import { FACETS, type Facet } from './facet-mixes.ts'

export interface FacetCount {
  value: string
  count: number
}
export type FacetCounts = Record<Facet, FacetCount[]>

/** Terms can be many: the most frequent ones. */
const MOST_TERMS = 20

/** Largest count first, then by value. What has no value (a sector) is in no count. */
export function countFacets(parts: readonly Candidates[]): FacetCounts {
  const totals = FACETS.map(() => new Map<string, number>())
  for (const part of parts) {
    const counts = countCodes(part)
    FACETS.forEach((facet, number) => {
      addUp(totals[number]!, part.segment.coded[facet].values, counts[number]!)
    })
  }
  const counted = {} as FacetCounts
  FACETS.forEach((facet, number) => {
    const all = inOrder(totals[number]!)
    counted[facet] = facet === 'term' ? all.slice(0, MOST_TERMS) : all
  })
  return counted
}

/** By facet, per code, how many there are. Many are counted by mixes, which are then taken apart. */
function countCodes({ segment: { coded, facets }, slots, fails }: Candidates): Uint32Array[] {
  const counts = FACETS.map((facet) => new Uint32Array(coded[facet].values.length))
  const ofMix = new Uint32Array(facets.count)
  const isFew = slots.length < facets.count
  const add = (number: number, mix: number, more: number) => {
    counts[number]![facets.codes[FACETS[number]!][mix]!]! += more
  }
  for (let at = 0; at < slots.length; at++) {
    const mix = facets.mixes[slots[at]!]!
    const fail = fails[at]!
    if (fail !== 0 && fail < OUT) add(31 - Math.clz32(fail), mix, 1)
    else if (fail === 0 && !isFew) ofMix[mix]! += 1
    else if (fail === 0) for (let number = 0; number < FACETS.length; number++) add(number, mix, 1)
  }
  if (isFew) return counts
  FACETS.forEach((facet, number) => {
    const [codes, own] = [facets.codes[facet], counts[number]!]
    for (let mix = 0; mix < facets.count; mix++) own[codes[mix]!]! += ofMix[mix]!
  })
  return counts
}

function addUp(totals: Map<string, number>, values: readonly (string | null)[], counts: Uint32Array): void {
  values.forEach((value, code) => {
    if (value !== null && counts[code]! > 0) totals.set(value, (totals.get(value) ?? 0) + counts[code]!)
  })
}

function inOrder(totals: Map<string, number>): FacetCount[] {
  return [...totals]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}
