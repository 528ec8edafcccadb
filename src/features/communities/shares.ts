/** How communities share a station: whole basis points that add up to the whole, exactly. Pure. */

/** The whole, in basis points. */
export const WHOLE = 10_000

/** What is wrong with declared shares: a community named twice, or a sum that is not the whole. Null = sound. */
export function flawOfShares(
  members: readonly { areaId: string; share: number }[],
): { path: (string | number)[]; message: string } | null {
  const seen = new Set<string>()
  for (const [at, { areaId }] of members.entries()) {
    if (seen.has(areaId)) return { path: [at, 'areaId'], message: 'this community stands here twice' }
    seen.add(areaId)
  }
  const sum = members.reduce((total, { share }) => total + share, 0)
  return sum === WHOLE ? null : { path: [], message: `the shares add up to ${sum}, not to ${WHOLE}` }
}

/**
 * Shares in proportion to weights, such as residents aged 65 and over. What rounding down leaves goes one by one to
 * the largest remainders, of equal ones to the earlier; without any weight, everybody weighs the same.
 * @param weights at least one, each from 0 on.
 */
export function sharesByWeight(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map((weight) => (total === 0 ? WHOLE / weights.length : (weight / total) * WHOLE))
  const shares = exact.map(Math.floor)
  const left = WHOLE - shares.reduce((sum, share) => sum + share, 0)
  const byRemainder = exact
    .map((value, at) => ({ at, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.at - b.at)
  for (const { at } of byRemainder.slice(0, left)) shares[at]! += 1
  return shares
}
