import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FINDING_STEPS,
  type FindingStep,
  movedOn,
  nextDue,
  nextFindingState,
} from '../../../src/features/supervision/finding-lifecycle.ts'
import { FindingState } from '../../../src/features/supervision/finding-schemas.ts'
import { Refusal } from '../../../src/platform/errors.ts'

/** The table again, as a supervisor would tell it: where each step leads from each state. */
const TOLD: Record<FindingState, Partial<Record<FindingStep, FindingState>>> = {
  open: { respond: 'responded' },
  responded: { correct: 'corrected' },
  corrected: { verify: 'verified', reopen: 'open' },
  verified: { close: 'closed', reopen: 'open' },
  closed: {},
}

const pairs = FindingState.options.flatMap((state) => FINDING_STEPS.map((step) => ({ state, step })))

describe('the lifecycle of a finding', () => {
  it.each(pairs)('$step of one that is $state', ({ state, step }) => {
    const to = TOLD[state][step]
    if (to) expect(nextFindingState(step, state)).toBe(to)
    else expect(() => nextFindingState(step, state)).toThrow(Refusal)
  })

  it('closes only what was responded to, corrected and verified since it was opened last', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FINDING_STEPS), { maxLength: 30 }), (walk) => {
        let state: FindingState = 'open'
        let done: FindingStep[] = []
        for (const step of walk) {
          try {
            state = nextFindingState(step, state)
            done = step === 'reopen' ? [] : [...done, step]
          } catch (error) {
            expect(error).toMatchObject({ code: 'state_conflict' })
          }
        }
        if (state === 'closed') expect(done).toEqual(['respond', 'correct', 'verify', 'close'])
      }),
    )
  })

  it('owes an answer until it is corrected, and anew when it is opened again', () => {
    const [before, anew] = [new Date('2026-12-10T00:00:00Z'), new Date('2026-12-20T00:00:00Z')]
    expect(FINDING_STEPS.map((step) => nextDue(step, before, anew))).toEqual([before, null, null, null, anew])
  })

  it('moves a deadline on by as long as it was stayed, never back', () => {
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(instant, instant, instant, (dueBy, stayedAt, now) => {
        const stayed = Math.max(now.getTime() - stayedAt.getTime(), 0)
        expect(movedOn(dueBy, stayedAt, now)!.getTime() - dueBy.getTime()).toBe(stayed)
        expect(movedOn(null, stayedAt, now)).toBeNull()
      }),
    )
  })
})
