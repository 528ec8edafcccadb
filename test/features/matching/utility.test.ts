import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { totalOf, type UtilityInput, utilityParts } from '../../../src/features/matching/utility.ts'
import { POLICY } from './snapshots.ts'

const INPUT: UtilityInput = {
  needTier: 'basic',
  offeringTier: 'basic',
  waitingDays: 0,
  careLevel: 0,
  walkedShare: 0,
  speaksLanguage: true,
  ownShare: 0,
}
const parts = (more: Partial<UtilityInput> = {}) => utilityParts(POLICY, { ...INPUT, ...more })
const total = (more: Partial<UtilityInput> = {}) => totalOf(parts(more))

const tier = fc.constantFrom('basic' as const, 'inclusive' as const, 'personalized' as const)
const anyInput: fc.Arbitrary<UtilityInput> = fc.record({
  needTier: tier,
  offeringTier: tier,
  waitingDays: fc.nat(4000),
  careLevel: fc.option(fc.nat(8), { nil: undefined }),
  walkedShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  speaksLanguage: fc.boolean(),
  ownShare: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('utility', () => {
  it('is the policy’s formula, worked out by hand', () => {
    // 300 × 100 % × (50 + 20 + 10 + 10 + 10)
    expect(parts()).toEqual({
      base: 1_500_000,
      walking: 600_000,
      tierFit: 300_000,
      language: 300_000,
      affordability: 300_000,
    })
    expect(total({ ownShare: 0.5 })).toBe(300 * 100 * 95)
    expect(total({ needTier: 'personalized' })).toBe(100 * 100 * 90)
    expect(total({ walkedShare: 0.5, speaksLanguage: false })).toBe(300 * 100 * 80)
    expect(total({ waitingDays: 20, careLevel: 3 })).toBe(300 * 134 * 100)
  })

  it('counts whole weeks of waiting up to the cap', () => {
    expect(total({ waitingDays: 6 })).toBe(total())
    expect(total({ waitingDays: 7 })).toBe(300 * 102 * 100)
    expect(total({ waitingDays: 105 })).toBe(total({ waitingDays: 5000 }))
  })

  it('is the same without a level of care and at level 0', () => {
    expect(total({ careLevel: undefined })).toBe(total())
  })

  it('takes a service without a way for one next door', () => {
    expect(total({ walkedShare: null })).toBe(total({ walkedShare: 0 }))
    expect(parts({ walkedShare: 1 }).walking).toBe(0)
  })

  it('adds up exactly, in integers that never fall below zero', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const split = Object.values(utilityParts(POLICY, input))
        expect(split.every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true)
        expect(split.reduce((sum, part) => sum + part, 0)).toBe(totalOf(utilityParts(POLICY, input)))
      }),
    )
  })

  it('never falls with waiting or care, never rises with the way or the own share', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const worth = (more: Partial<UtilityInput>) => totalOf(utilityParts(POLICY, { ...input, ...more }))
        expect(worth({ waitingDays: input.waitingDays + 7 })).toBeGreaterThanOrEqual(worth({}))
        expect(worth({ careLevel: (input.careLevel ?? 0) + 1 })).toBeGreaterThan(worth({}))
        expect(worth({ walkedShare: 1 })).toBeLessThanOrEqual(worth({}))
        expect(worth({ ownShare: 1 })).toBeLessThanOrEqual(worth({}))
      }),
    )
  })
})
