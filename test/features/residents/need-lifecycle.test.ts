import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moveNeed, NEED_TRANSITIONS } from '../../../src/features/residents/need-lifecycle.ts'
import { NeedState } from '../../../src/features/residents/schemas.ts'
import { Refusal } from '../../../src/platform/errors.ts'

const state = fc.constantFrom(...NeedState.options)

describe('the life of a need', () => {
  it('refuses every move that is not in the table, and makes every one that is', () => {
    for (const from of NeedState.options) {
      for (const to of NeedState.options) {
        if (NEED_TRANSITIONS[from].includes(to)) expect(moveNeed(from, to)).toBe(to)
        else expect(() => moveNeed(from, to)).toThrow(Refusal)
      }
    }
  })

  it('never leaves what is over, serves only what is matched, never withdraws what is held', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (wishes) => {
        const lived: NeedState[] = ['registered']
        for (const wish of wishes) {
          const from = lived.at(-1)!
          if (NEED_TRANSITIONS[from].includes(wish)) lived.push(moveNeed(from, wish))
        }
        lived.forEach((to, at) => {
          const from = lived[at - 1]
          if (from) expect(['met', 'withdrawn', 'expired']).not.toContain(from)
          if (to === 'matched') expect(['registered', 'in_run', 'unmet']).toContain(from)
          if (to === 'met') expect(from).toBe('in_service')
          if (to === 'withdrawn') expect(['registered', 'unmet']).toContain(from)
        })
      }),
    )
  })

  it('can always come to an end', () => {
    const ends = (from: NeedState, seen: NeedState[] = []): boolean =>
      NEED_TRANSITIONS[from].length === 0 ||
      NEED_TRANSITIONS[from].some((to) => !seen.includes(to) && ends(to, [...seen, to]))
    for (const from of NeedState.options) expect(ends(from)).toBe(true)
  })
})
