import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SubsidyTerms, splitPrice } from '../../../src/features/programs/subsidy.ts'
import { subsidyCapOwner } from '../../../src/features/programs/subsidy-cap.ts'

const money = fc.integer({ min: 0, max: 1_000_000 })
const cap = fc.option(money, { nil: null })
const terms: fc.Arbitrary<SubsidyTerms> = fc.record({
  subsidyShare: fc.integer({ min: 0, max: 10_000 }),
  subsidyFixed: fc.oneof(fc.constant(0), money),
  subsidyOrder: fc.constantFrom('share_first', 'fixed_first'),
  priceCeiling: cap,
  unitCap: cap,
  residentCap: cap,
})
const quantity = fc.integer({ min: 1, max: 100 })

/** The same in exact fractions, one unit and one step after the other, as the terms say it in words. */
function reckoned(given: SubsidyTerms, unitPrice: number, count: number, left: number | null): bigint {
  const least = (one: bigint, other: bigint) => {
    if (one < other) return one
    return other
  }
  const units = BigInt(count)
  const payable = given.priceCeiling === null ? unitPrice : Math.min(unitPrice, given.priceCeiling)
  let open = BigInt(payable) * units
  let subsidy = 0n
  const pay = (amount: bigint) => {
    const paid = least(amount, open)
    subsidy += paid
    open -= paid
  }
  const steps = {
    // Rounded half up: twice the amount, and one more half, in whole parts.
    share: () => pay((2n * open * BigInt(given.subsidyShare) + 10_000n) / 20_000n),
    fixed: () => pay(BigInt(given.subsidyFixed) * units),
  }
  const [first, second] =
    given.subsidyOrder.split('_')[0] === 'share' ? ['share', 'fixed'] : ['fixed', 'share']
  steps[first as 'share']()
  steps[second as 'fixed']()
  if (given.unitCap !== null) subsidy = least(subsidy, BigInt(given.unitCap) * units)
  if (left !== null) subsidy = least(subsidy, BigInt(left))
  return subsidy
}

describe('splitPrice', () => {
  it('splits as the terms say, without a rest, within every cap and below every ceiling', () => {
    fc.assert(
      fc.property(terms, money, quantity, cap, (given, unitPrice, count, left) => {
        const { price, subsidy, copayment } = splitPrice(given, unitPrice, count, left)
        expect(BigInt(subsidy)).toBe(reckoned(given, unitPrice, count, left))
        expect(price).toBe(unitPrice * count)
        expect(subsidy + copayment).toBe(price)
        expect(Number.isInteger(subsidy) && subsidy >= 0 && copayment >= 0).toBe(true)
        for (const most of [given.unitCap, given.priceCeiling]) {
          expect(subsidy).toBeLessThanOrEqual((most ?? Number.POSITIVE_INFINITY) * count)
        }
        expect(subsidy).toBeLessThanOrEqual(left ?? Number.POSITIVE_INFINITY)
      }),
      { numRuns: 2000 },
    )
  })

  it('is exact where budgets are as large as they may be', () => {
    const large = fc.integer({ min: 0, max: 1_000_000_000_000 })
    fc.assert(
      fc.property(
        terms,
        large,
        large,
        fc.integer({ min: 1, max: 1000 }),
        (given, unitPrice, fixed, count) => {
          const wide = { ...given, subsidyFixed: fixed, priceCeiling: null, unitCap: null, residentCap: null }
          expect(BigInt(splitPrice(wide, unitPrice, count).subsidy)).toBe(
            reckoned(wide, unitPrice, count, null),
          )
        },
      ),
    )
  })

  it('pays no less for more: price, quantity, share, fixed part, ceiling, caps', () => {
    fc.assert(
      fc.property(terms, money, quantity, money, fc.nat(1000), (given, unitPrice, count, left, more) => {
        const { subsidy, copayment } = splitPrice(given, unitPrice, count, left)
        const share = Math.min(10_000, given.subsidyShare + more)
        const raised = (most: number | null) => (most === null ? null : most + more)
        const dearer = splitPrice(given, unitPrice + more, count, left)
        expect(dearer.subsidy).toBeGreaterThanOrEqual(subsidy)
        expect(dearer.copayment).toBeGreaterThanOrEqual(copayment)
        expect(splitPrice(given, unitPrice, count + 1, left).subsidy).toBeGreaterThanOrEqual(subsidy)
        for (const richer of [
          splitPrice({ ...given, subsidyShare: share }, unitPrice, count, left),
          splitPrice({ ...given, subsidyFixed: given.subsidyFixed + more }, unitPrice, count, left),
          splitPrice({ ...given, subsidyOrder: 'share_first' }, unitPrice, count, left),
          splitPrice({ ...given, priceCeiling: raised(given.priceCeiling) }, unitPrice, count, left),
          splitPrice({ ...given, priceCeiling: null }, unitPrice, count, left),
          splitPrice({ ...given, unitCap: raised(given.unitCap) }, unitPrice, count, left),
          splitPrice({ ...given, unitCap: null }, unitPrice, count, left),
          splitPrice(given, unitPrice, count, left + more),
          splitPrice(given, unitPrice, count, null),
        ]) {
          expect(richer.subsidy).toBeGreaterThanOrEqual(subsidy)
        }
      }),
    )
  })

  const plain: SubsidyTerms = {
    subsidyShare: 8400,
    subsidyFixed: 0,
    subsidyOrder: 'share_first',
    priceCeiling: null,
    unitCap: null,
    residentCap: null,
  }
  it.each<[Partial<SubsidyTerms>, number, number, number | undefined, number]>([
    [{}, 12_345, 1, undefined, 10_370],
    [{ unitCap: 100 }, 12_345, 3, undefined, 300],
    [{ residentCap: 250 }, 12_345, 3, undefined, 250],
    [{ residentCap: 250 }, 12_345, 3, 40, 40],
    [{ residentCap: 250 }, 12_345, 3, -5, 0],
    [{ subsidyShare: 10_000 }, 333, 3, undefined, 999],
    [{ subsidyShare: 5000, subsidyFixed: 100 }, 1000, 2, undefined, 1200],
    [{ subsidyShare: 5000, subsidyFixed: 100, subsidyOrder: 'fixed_first' }, 1000, 2, undefined, 1100],
    [{ subsidyShare: 5000, subsidyFixed: 900 }, 1000, 2, undefined, 2000],
    [{ subsidyShare: 0, subsidyFixed: 100 }, 60, 2, undefined, 120],
    [{ subsidyShare: 5000, priceCeiling: 800 }, 1000, 2, undefined, 800],
    [{ subsidyShare: 10_000, subsidyFixed: 500, priceCeiling: 800 }, 1000, 1, undefined, 800],
    [{ subsidyShare: 5000, subsidyFixed: 100, priceCeiling: 800, unitCap: 450 }, 1000, 2, 880, 880],
    [{ priceCeiling: 0, subsidyFixed: 100 }, 1000, 1, undefined, 0],
  ])('%j pays of %i × %i, with %s left, %i', (given, unitPrice, count, left, subsidy) => {
    expect(splitPrice({ ...plain, ...given }, unitPrice, count, left).subsidy).toBe(subsidy)
  })
})

describe('subsidyCapOwner', () => {
  it('is one UUID per program and resident, always the same', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (program, resident) => {
        const owner = subsidyCapOwner(program, resident)
        expect(owner).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(subsidyCapOwner(program, resident)).toBe(owner)
        if (program !== resident) expect(subsidyCapOwner(resident, program)).not.toBe(owner)
      }),
    )
  })
})
