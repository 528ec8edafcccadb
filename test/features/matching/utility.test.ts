import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  mostUtility,
  totalOf,
  type UtilityInput,
  utilityParts,
  withAllParts,
} from '../../../src/features/matching/utility.ts'
import { PolicyDocument } from '../../../src/features/policies/schemas.ts'
import { Priority } from '../../../src/features/residents/schemas.ts'
import { POLICY } from './snapshots.ts'

const INPUT: UtilityInput = {
  needTier: 'basic',
  offeringTier: 'basic',
  waitingDays: 0,
  priority: 'standard',
  careLevel: 0,
  walkedShare: 0,
  speaksLanguage: true,
  prefersGender: false,
  prefersSector: false,
  keepsProvider: false,
  ownShare: 0,
}
const parts = (more: Partial<UtilityInput> = {}) => utilityParts(POLICY, { ...INPUT, ...more })
const total = (more: Partial<UtilityInput> = {}) => totalOf(parts(more))

const tier = fc.constantFrom('basic' as const, 'inclusive' as const, 'personalized' as const)
const anyInput: fc.Arbitrary<UtilityInput> = fc.record({
  needTier: tier,
  offeringTier: tier,
  waitingDays: fc.nat(4000),
  priority: fc.constantFrom(...Priority.options),
  careLevel: fc.option(fc.nat(8), { nil: undefined }),
  walkedShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  speaksLanguage: fc.boolean(),
  prefersGender: fc.boolean(),
  prefersSector: fc.boolean(),
  keepsProvider: fc.boolean(),
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
      caregiverGender: 0,
      sector: 0,
      continuity: 0,
    })
    expect(total({ ownShare: 0.5 })).toBe(300 * 100 * 95)
    expect(total({ needTier: 'personalized' })).toBe(100 * 100 * 90)
    expect(total({ walkedShare: 0.5, speaksLanguage: false })).toBe(300 * 100 * 80)
    expect(total({ waitingDays: 20, careLevel: 3 })).toBe(300 * 134 * 100)
  })

  it('gives preferences that are met what the policy says', () => {
    expect(parts({ prefersGender: true, prefersSector: true, keepsProvider: true })).toMatchObject({
      caregiverGender: 150_000,
      sector: 150_000,
      continuity: 300_000,
    })
  })

  it('gives them nothing where the policy was adopted without them, and leaves its document as it is', () => {
    const { caregiverGender, sector, continuity, ...suitability } = POLICY.suitability
    const earlier = { ...POLICY, suitability }
    expect(PolicyDocument.parse(earlier)).toEqual(earlier)
    const preferred = { ...INPUT, prefersGender: true, prefersSector: true, keepsProvider: true }
    expect(totalOf(utilityParts(earlier, preferred))).toBe(total())
    expect([caregiverGender, sector, continuity]).toEqual([5, 5, 10])
  })

  it('completes the parts of a match that was made before there were preferences', () => {
    const { caregiverGender, sector, continuity, ...stored } = parts()
    expect([caregiverGender, sector, continuity]).toEqual([0, 0, 0])
    expect(withAllParts(stored)).toEqual(parts())
    const kept = parts({ keepsProvider: true })
    expect(withAllParts(kept)).toEqual(kept)
  })

  it('keeps the sum of 110,000 needs exact under the largest weights', () => {
    const most = { basic: 1000, inclusive: 1000, personalized: 1000 }
    const weights = Object.fromEntries(Object.keys(POLICY.suitability).map((name) => [name, 1000]))
    const policy = PolicyDocument.parse({
      ...POLICY,
      tierWeights: most,
      urgency: {
        waitingPerWeek: 1000,
        waitingCap: 1000,
        perCareLevel: 1000,
        priority: { urgent: 1000, high: 1000, medium: 1000 },
      },
      suitability: weights,
    })
    const met = { speaksLanguage: true, prefersGender: true, prefersSector: true, keepsProvider: true }
    const pressing = { waitingDays: 9999, careLevel: 8, priority: 'urgent' } as const
    const largest = totalOf(utilityParts(policy, { ...INPUT, ...met, ...pressing }))
    expect(largest * 110_000).toBeLessThan(Number.MAX_SAFE_INTEGER)
  })

  it('counts whole weeks of waiting up to the cap', () => {
    expect(total({ waitingDays: 6 })).toBe(total())
    expect(total({ waitingDays: 7 })).toBe(300 * 102 * 100)
    expect(total({ waitingDays: 105 })).toBe(total({ waitingDays: 5000 }))
  })

  it('adds what the policy says of the priority, and nothing where it says nothing', () => {
    const priorities = { urgent: 90, high: 40, medium: 15 }
    const policy = { ...POLICY, urgency: { ...POLICY.urgency, priority: priorities } }
    const worth = (priority: Priority) => totalOf(utilityParts(policy, { ...INPUT, priority }))
    expect(Priority.options.map(worth)).toEqual([190, 140, 115, 100].map((percent) => 300 * percent * 100))
    const { priority: _none, ...urgency } = POLICY.urgency
    const earlier = { ...POLICY, urgency }
    for (const priority of Priority.options) {
      expect(totalOf(utilityParts(earlier, { ...INPUT, priority }))).toBe(total())
    }
  })

  it('is never more than the most that such a need can be worth, which somebody can reach', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(totalOf(utilityParts(POLICY, input))).toBeLessThanOrEqual(mostUtility(POLICY, input))
      }),
    )
    const best = { prefersGender: true, prefersSector: true, keepsProvider: true, careLevel: 8 }
    expect(total({ ...best, priority: 'urgent' })).toBe(
      mostUtility(POLICY, { needTier: 'basic', waitingDays: 0, priority: 'urgent' }),
    )
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
