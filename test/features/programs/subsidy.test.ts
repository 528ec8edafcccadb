import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitPrice } from '../../../src/features/programs/subsidy.ts'
import { subsidyCapOwner } from '../../../src/features/programs/subsidy-cap.ts'

const money = fc.integer({ min: 0, max: 1_000_000 })
const cap = fc.option(money, { nil: null })
const terms = fc.record({ subsidyShare: fc.integer({ min: 0, max: 10_000 }), unitCap: cap, residentCap: cap })
const quantity = fc.integer({ min: 1, max: 100 })

describe('splitPrice', () => {
  it('splits without a rest, within every cap', () => {
    fc.assert(
      fc.property(terms, money, quantity, cap, (given, unitPrice, count, left) => {
        const { price, subsidy, copayment } = splitPrice(given, unitPrice, count, left)
        expect(price).toBe(unitPrice * count)
        expect(subsidy + copayment).toBe(price)
        expect(Number.isInteger(subsidy) && subsidy >= 0 && copayment >= 0).toBe(true)
        expect(subsidy * 10_000).toBeLessThanOrEqual(price * given.subsidyShare + 5000)
        expect(subsidy).toBeLessThanOrEqual((given.unitCap ?? Number.POSITIVE_INFINITY) * count)
        expect(subsidy).toBeLessThanOrEqual(left ?? Number.POSITIVE_INFINITY)
      }),
    )
  })

  it('pays no less for more: price, quantity, share, caps', () => {
    fc.assert(
      fc.property(terms, money, quantity, money, fc.nat(1000), (given, unitPrice, count, left, more) => {
        const { subsidy, copayment } = splitPrice(given, unitPrice, count, left)
        const share = Math.min(10_000, given.subsidyShare + more)
        const unitCap = given.unitCap === null ? null : given.unitCap + more
        const dearer = splitPrice(given, unitPrice + more, count, left)
        expect(dearer.subsidy).toBeGreaterThanOrEqual(subsidy)
        expect(dearer.copayment).toBeGreaterThanOrEqual(copayment)
        expect(splitPrice(given, unitPrice, count + 1, left).subsidy).toBeGreaterThanOrEqual(subsidy)
        for (const richer of [
          splitPrice({ ...given, subsidyShare: share }, unitPrice, count, left),
          splitPrice({ ...given, unitCap }, unitPrice, count, left),
          splitPrice({ ...given, unitCap: null }, unitPrice, count, left),
          splitPrice(given, unitPrice, count, left + more),
          splitPrice(given, unitPrice, count, null),
        ]) {
          expect(richer.subsidy).toBeGreaterThanOrEqual(subsidy)
        }
      }),
    )
  })

  it.each([
    [{ subsidyShare: 8400, unitCap: null, residentCap: null }, 12_345, 1, undefined, 10_370],
    [{ subsidyShare: 8400, unitCap: 100, residentCap: null }, 12_345, 3, undefined, 300],
    [{ subsidyShare: 8400, unitCap: null, residentCap: 250 }, 12_345, 3, undefined, 250],
    [{ subsidyShare: 8400, unitCap: null, residentCap: 250 }, 12_345, 3, 40, 40],
    [{ subsidyShare: 8400, unitCap: null, residentCap: 250 }, 12_345, 3, -5, 0],
    [{ subsidyShare: 10_000, unitCap: null, residentCap: null }, 333, 3, undefined, 999],
  ])('%j pays of %i × %i, with %s left, %i', (given, unitPrice, count, left, subsidy) => {
    expect(splitPrice(given, unitPrice, count, left).subsidy).toBe(subsidy)
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
