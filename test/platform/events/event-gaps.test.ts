/** How far a reader has come, one number at a time and as text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advance,
  decodeSeen,
  encodeSeen,
  isUnseen,
  NOTHING_SEEN,
  passed,
  type Seen,
} from '../../../src/platform/events/event-gaps.ts'

/** What somebody has seen of the numbers to 40, some of them in a second look. */
const anySeen = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 40 })),
    fc.uniqueArray(fc.integer({ min: 1, max: 40 })),
    fc.boolean(),
  )
  .map(([first, second, asked]): Seen => {
    const look = (seen: Seen, positions: number[]) =>
      advance(seen, {
        positions: positions.filter((one) => isUnseen(seen, one)),
        oldestRunning: 3n,
        nextToBegin: asked ? 9n : null,
      })
    return look(look(NOTHING_SEEN, first), second)
  })

const NUMBERS = Array.from({ length: 45 }, (_, index) => index + 1)
const unseen = (seen: Seen) => NUMBERS.filter((one) => isUnseen(seen, one))

describe('what has been seen', () => {
  it('is the same as text', () => {
    fc.assert(
      fc.property(anySeen, (seen) => {
        const text = encodeSeen(seen)
        expect(decodeSeen(text)).toEqual(seen)
        expect(text).toMatch(/^[\w:,@-]+$/)
      }),
      { seed: 1 },
    )
  })

  it('is less, never more, as text of bounded length', () => {
    fc.assert(
      fc.property(anySeen, fc.integer({ min: 1, max: 4 }), (seen, most) => {
        const shorter = decodeSeen(encodeSeen(seen, most))!
        expect(shorter.gaps.length).toBeLessThanOrEqual(most)
        expect(unseen(shorter)).toEqual(expect.arrayContaining(unseen(seen)))
        expect(shorter.last).toBe(seen.last)
      }),
      { seed: 2 },
    )
  })

  it('grows by exactly one number, which leaves the limits of the others alone', () => {
    fc.assert(
      fc.property(anySeen, fc.nat(100), (seen, which) => {
        const left = unseen(seen)
        const next = left[which % left.length]!
        expect(unseen(passed(seen, next))).toEqual(left.filter((one) => one !== next))
        const limits = new Set(seen.gaps.map(({ over }) => over))
        for (const { over } of passed(seen, next).gaps) expect(over === null || limits.has(over)).toBe(true)
      }),
      { seed: 3 },
    )
  })

  it('is refused as text that nobody has written', () => {
    const wrong = ['', 'e1:', 'e1:-1', 'e1:5,4', 'e1:5,4-3', 'e1:5,3-4,1-2', 'e1:5,5-6', 'e1:5,0-1', 'e2:5']
    const more = ['e1:5,1-2@', 'e1:5,1-2@x', ' e1:5', 'e1:5\n', 'e1:99999999999999999999', 'e1:9,1-4,4-5']
    expect([...wrong, ...more].map(decodeSeen)).toEqual([...wrong, ...more].map(() => null))
    expect(decodeSeen('e1:9,1-2,4-4@77')).toEqual({
      last: 9,
      gaps: [
        { from: 1, to: 2, over: null },
        { from: 4, to: 4, over: 77n },
      ],
    })
  })
})
