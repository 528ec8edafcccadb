/**
 * The mixes of category, tier, mode, sector, price type and term that occur: far fewer than offerings. A number per
 * row says which it has, so that a condition on any of the six looks at mixes, and counting them takes one pass.
 */

/** What results are counted by. */
export const FACETS = ['category', 'tier', 'mode', 'sector', 'priceType', 'term'] as const
export type Facet = (typeof FACETS)[number]

export interface FacetMixes {
  readonly count: number
  /** Per row, the number of its mix. */
  readonly mixes: Uint32Array
  /** By facet, per mix, the code of the facet's value. */
  readonly codes: { readonly [Name in Facet]: Uint32Array }
}

/** @param coded columns of codes, side by side. */
export function createFacetMixes(
  coded: { [Name in Facet]: { codes: Uint32Array } },
  size: number,
): FacetMixes {
  const numbers = new Map<string, number>()
  /** By mix, the first row that has it. */
  const examples: number[] = []
  const mixes = new Uint32Array(size)
  for (let slot = 0; slot < size; slot++) {
    let key = ''
    for (const facet of FACETS) key += `${coded[facet].codes[slot]} `
    const known = numbers.get(key)
    if (known === undefined) numbers.set(key, examples.length)
    mixes[slot] = known ?? examples.push(slot) - 1
  }
  const codesOf = (facet: Facet) => Uint32Array.from(examples, (slot) => coded[facet].codes[slot]!)
  const codes = Object.fromEntries(FACETS.map((facet) => [facet, codesOf(facet)])) as Record<
    Facet,
    Uint32Array
  >
  return { count: examples.length, mixes, codes }
}
