import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMoney, shareOf } from '../../src/platform/money.ts'

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
