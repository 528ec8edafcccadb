import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOrder, type ReviewedMatch, reviewQueue } from '../../../src/features/review/review-score.ts'
import { StaleFact } from '../../../src/features/review/schemas.ts'

function match(more: Partial<ReviewedMatch> = {}): ReviewedMatch {
  return { id: 'm1', providerId: 'p1', subsidy: 0, utility: 100, runnerUp: null, stale: [], ...more }
}

const anyMatch = fc.record({
  providerId: fc.constantFrom('p1', 'p2', 'p3'),
  subsidy: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1_000_000 })),
  utility: fc.integer({ min: 0, max: 1000 }),
  runnerUp: fc.option(fc.integer({ min: 0, max: 1200 })),
  stale: fc.subarray([...StaleFact.options]),
})
const anyRun = fc
  .array(anyMatch, { maxLength: 12 })
  .map((matches) => matches.map((fields, at): ReviewedMatch => ({ id: `m${100 - at}`, ...fields })))

const pointsOf = (of: ReviewedMatch[], id: string) =>
  Object.fromEntries(
    reviewQueue(of)
      .find((one) => one.id === id)!
      .reasons.map(({ code, points }) => [code, points]),
  )

describe('the order of the review’s queue', () => {
  it('has every match once, with an integer score from 0 to 100 that its reasons add up to', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const queue = reviewQueue(run)
        expect(queue.map(({ id }) => id).sort()).toEqual(run.map(({ id }) => id).sort())
        for (const { score, reasons } of queue) {
          expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true)
          expect(reasons.reduce((sum, { points }) => sum + points, 0)).toBe(score)
          expect(reasons.every(({ points }) => points > 0)).toBe(true)
        }
      }),
    )
  })

  it('falls by score and then goes by id, in whatever order the matches come', () => {
    fc.assert(
      fc.property(
        anyRun.chain((run) =>
          fc.tuple(fc.constant(run), fc.shuffledSubarray(run, { minLength: run.length })),
        ),
        ([run, shuffled]) => {
          const queue = reviewQueue(run)
          expect(reviewQueue(shuffled)).toEqual(queue)
          for (const [at, one] of queue.entries()) {
            const before = queue[at - 1]
            if (before) expect(inOrder(before, one)).toBeLessThan(0)
          }
        },
      ),
    )
  })

  it('never ranks a match lower for more subsidy, a closer rival or another fact that has changed', () => {
    const scoreOf = (run: ReviewedMatch[], id: string) => reviewQueue(run).find((one) => one.id === id)!.score
    fc.assert(
      fc.property(anyRun, fc.nat(), fc.integer({ min: 1, max: 100 }), (run, pick, more) => {
        if (run.length === 0) return
        const at = pick % run.length
        const one = run[at]!
        const before = scoreOf(run, one.id)
        const changed = (fields: Partial<ReviewedMatch>) =>
          scoreOf(run.with(at, { ...one, ...fields }), one.id)
        // Of the same provider, whose share does not fall either.
        expect(changed({ subsidy: one.subsidy + more })).toBeGreaterThanOrEqual(before)
        expect(changed({ runnerUp: (one.runnerUp ?? 0) + more })).toBeGreaterThanOrEqual(
          one.runnerUp === null ? changed({ runnerUp: null }) : before,
        )
        expect(changed({ stale: [...one.stale, 'assurance_lapsed'] })).toBeGreaterThanOrEqual(before)
      }),
    )
  })

  it('gives the points that it says', () => {
    const subsidies = [0, 100, 200, 300].map((subsidy, at) =>
      match({ id: `m${at}`, providerId: `p${at}`, subsidy }),
    )
    expect(subsidies.map(({ id }) => pointsOf(subsidies, id).large_subsidy ?? 0)).toEqual([0, 0, 15, 30])
    const near = [100, 88, 75, 40].map((runnerUp, at) => match({ id: `m${at}`, runnerUp }))
    expect(near.map(({ id }) => pointsOf(near, id).narrow_margin ?? 0)).toEqual([25, 13, 0, 0])
    const sole = [match({ subsidy: 5 })]
    expect(pointsOf(sole, 'm1')).toEqual({ large_subsidy: 30, provider_concentration: 20 })
    const fifth = [1, 2, 3, 4, 5].map((at) => match({ id: `m${at}`, providerId: `p${at}`, subsidy: 5 }))
    expect(pointsOf(fifth, 'm3')).toEqual({})
    const stale = [match({ stale: ['assessment_expired', 'offering_changed'] })]
    expect(reviewQueue(stale)[0]!.reasons).toEqual([
      { code: 'stale_facts', points: 15, facts: ['assessment_expired', 'offering_changed'] },
    ])
  })
})
