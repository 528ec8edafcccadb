import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, drawInspections } from '../../../src/features/supervision/draw-inspections.ts'

const frames = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 })
  .map((risks) => risks.map((risk, at): Candidate => ({ offeringId: `offering-${at}`, risk })))
const seeds = fc.nat({ max: 2_147_483_647 })
const many = fc.nat({ max: 12 })

describe('drawing inspections', () => {
  it('draws the same again from the same, and nobody twice', () => {
    fc.assert(
      fc.property(frames, many, many, seeds, (frame, byRisk, byLot, seed) => {
        const drawn = drawInspections(frame, { byRisk, byLot, seed })
        expect(drawInspections(structuredClone(frame), { byRisk, byLot, seed })).toEqual(drawn)
        const ids = drawn.map(({ offeringId }) => offeringId)
        expect(new Set(ids).size).toBe(ids.length)
        for (const { offeringId, risk } of drawn) expect(frame).toContainEqual({ offeringId, risk })
      }),
    )
  })

  it('draws the riskiest, no riskless one for its risk, and as many as there are', () => {
    fc.assert(
      fc.property(frames, many, many, seeds, (frame, byRisk, byLot, seed) => {
        const drawn = drawInspections(frame, { byRisk, byLot, seed })
        const risky = drawn.filter(({ draw }) => draw === 'risk')
        const withRisk = frame.filter(({ risk }) => risk > 0)
        expect(risky.length).toBe(Math.min(byRisk, withRisk.length))
        expect(drawn.length).toBe(Math.min(risky.length + byLot, frame.length))
        const taken = new Set(risky.map(({ offeringId }) => offeringId))
        const least = Math.min(...risky.map(({ risk }) => risk))
        for (const { offeringId, risk } of withRisk) {
          if (!taken.has(offeringId) && risky.length > 0) expect(risk).toBeLessThanOrEqual(least)
        }
      }),
    )
  })

  it('gives everybody the same chance', () => {
    const frame = Array.from({ length: 10 }, (_, at) => ({ offeringId: String(at), risk: at < 5 ? 1 : 0 }))
    const times = new Map<string, number>()
    for (let seed = 0; seed < 2000; seed++) {
      for (const { offeringId, draw } of drawInspections(frame, { byRisk: 1, byLot: 3, seed })) {
        times.set(`${draw} ${offeringId}`, (times.get(`${draw} ${offeringId}`) ?? 0) + 1)
      }
    }
    // 2,000 × 1/5 for the risky, 2,000 × 3/9 for the riskless: within five standard deviations.
    for (let at = 0; at < 5; at++) expect(Math.abs(times.get(`risk ${at}`)! - 400)).toBeLessThan(90)
    for (let at = 5; at < 10; at++) expect(Math.abs(times.get(`lot ${at}`)! - 667)).toBeLessThan(106)
  })
})
