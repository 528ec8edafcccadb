/** A use of a charged account, as the proof sees it. */
export interface ChargedUse {
  readonly amount: bigint
  /** An integer from 0 to 2^31 − 1. */
  readonly charge: number
}

/** Steps that one proof takes on knapsacks; a claim that needs more is not looked into. */
export const MOST_STEPS = 50_000_000

/** What a knapsack comes to, and how many steps that took or would take. */
export interface Packing {
  /** Undefined if it would take more steps than were left. */
  readonly most: bigint | undefined
  readonly steps: number
}

/**
 * The most that an account can collect: the largest sum of charges of uses, at most one of every need, that
 * add up to no more than `limit`.
 *
 * Doubles are exact here. They hold sums of integers, and none of them exceeds the sum over the needs of the
 * largest charge, which is checked to be below 2^53.
 */
export function packCharges(
  needs: readonly (readonly ChargedUse[])[],
  limit: bigint,
  stepsLeft: number,
): Packing {
  let divisor = 0n
  let count = 0
  let ceiling = 0n
  for (const uses of needs) {
    let largest = 0
    for (const { amount, charge } of uses) {
      divisor = commonDivisor(divisor, amount)
      largest = Math.max(largest, charge)
    }
    count += uses.length
    ceiling += BigInt(largest)
  }
  if (count === 0) return { most: 0n, steps: 0 }
  if (divisor === 0n) divisor = 1n
  const capacity = limit / divisor
  const steps = Number(capacity + 1n) * count
  if (!(steps <= stepsLeft) || ceiling > BigInt(Number.MAX_SAFE_INTEGER)) return { most: undefined, steps }
  // Entry w: the most collected by uses that add up to w at most.
  const row = new Float64Array(Number(capacity) + 1)
  for (const uses of needs) {
    const fitting = uses.filter(({ amount }) => amount <= limit)
    const weights = fitting.map(({ amount }) => Number(amount / divisor))
    // Downwards, so that what an entry builds on is still without this need.
    for (let w = row.length - 1; w >= 0; w--) {
      let most = row[w]!
      for (let i = 0; i < weights.length; i++) {
        if (weights[i]! <= w) most = Math.max(most, row[w - weights[i]!]! + fitting[i]!.charge)
      }
      row[w] = most
    }
  }
  return { most: BigInt(row[row.length - 1]!), steps }
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b]
  return a
}
