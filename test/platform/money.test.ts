import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apportion, formatMoney, shareOf } from '../../src/platform/money.ts'

test.each([
  [1_234_500, 'TWD', '12,345.00 TWD'],
  [-5, 'EUR', '-0.05 EUR'],
  [12_345, 'JPY', '12,345 JPY'],
  [12_345, 'KWD', '12.345 KWD'],
  [7, 'ZZZ', '0.07 ZZZ'],
])('%i minor units of %s are written %s', (minorUnits, currency, text) => {
  expect(formatMoney(minorUnits, currency)).toBe(text)
})

test('a share is rounded half up', () => {
  expect([shareOf(5, 5000), shareOf(1, 4999), shareOf(101, 8400)]).toEqual([3, 0, 85])
})

test('a share is exact for every amount', () => {
  const amount = fc.oneof(fc.nat(), fc.maxSafeInteger())
  fc.assert(
    fc.property(amount, fc.nat(10_000), (amount, basisPoints) => {
      const exact = (BigInt(amount) * BigInt(basisPoints) + 5000n) / 10_000n
      expect(shareOf(amount, basisPoints)).toBe(Number(exact))
    }),
    { seed: 11, numRuns: 2000 },
  )
})

/** Largest remainders in exact fractions: floor, then one each from the largest cut down, of equals the first. */
function exactShares(wholes: readonly number[], numerator: number, denominator: number): number[] {
  const [n, d] = [BigInt(numerator), BigInt(denominator)]
  const parts = wholes.map((whole, at) => {
    const share = BigInt(whole) * n
    return { at, floor: share / d, cut: share % d }
  })
  const sum = wholes.reduce((sum, whole) => sum + BigInt(whole), 0n) * n
  let over = sum / d + (2n * (sum % d) >= d ? 1n : 0n) - parts.reduce((sum, { floor }) => sum + floor, 0n)
  for (const part of parts.toSorted((a, b) => Number(b.cut - a.cut) || a.at - b.at)) {
    if (over > 0n) part.floor += 1n
    over -= 1n
  }
  return parts.map(({ floor }) => Number(floor))
}

test('what is apportioned adds up to the rounded share of the sum, each within one of its own', () => {
  const wholes = fc.array(fc.oneof(fc.nat(20), fc.nat(1e12)), { maxLength: 5 })
  const part = fc
    .tuple(fc.nat(1000), fc.integer({ min: 1, max: 1000 }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b, 1)])
  fc.assert(
    fc.property(wholes, part, (wholes, [numerator, denominator]) => {
      const shares = apportion(wholes, numerator!, denominator!)
      expect(shares).toEqual(exactShares(wholes, numerator!, denominator!))
      const sum = (all: number[]) => all.reduce((sum, one) => sum + one, 0)
      expect(sum(shares)).toBe(
        Number(
          (2n * BigInt(sum(wholes)) * BigInt(numerator!) + BigInt(denominator!)) /
            (2n * BigInt(denominator!)),
        ),
      )
      shares.forEach((share, at) => {
        const own = (wholes[at]! * numerator!) / denominator!
        expect(share).toBeGreaterThanOrEqual(Math.floor(own))
        expect(share).toBeLessThanOrEqual(Math.min(wholes[at]!, Math.floor(own) + 1))
      })
    }),
    { seed: 12, numRuns: 2000 },
  )
})
