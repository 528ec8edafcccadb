import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Role } from '../../../src/features/identity/schemas.ts'
import {
  type Circumstances,
  GUARDS,
  type Move,
  nextStatus,
  REFERRAL_EVENTS,
  type ReferralEvent,
  requireGuard,
  TRANSITIONS,
} from '../../../src/features/referrals/lifecycle.ts'
import { ReferralReason, ReferralStatus } from '../../../src/features/referrals/schemas.ts'
import { Refusal } from '../../../src/platform/errors.ts'

const REASONS = [null, ...ReferralReason.options]
const TERMINAL: ReferralStatus[] = ['rejected', 'completed', 'cancelled', 'failed', 'entered-in-error']

interface Step extends Move {
  from: ReferralStatus
  to: ReferralStatus | Refusal['code']
}

/** Every status × event × role × reason there is, with what comes of it. */
const STEPS: Step[] = ReferralStatus.options.flatMap((from) =>
  REFERRAL_EVENTS.flatMap((event) =>
    [...Role.options, 'system', 'constructor'].flatMap((role) =>
      REASONS.map((reason) => ({ from, event, role, reason, to: outcome(from, { event, role, reason }) })),
    ),
  ),
)

function outcome(from: ReferralStatus, move: Move): ReferralStatus | Refusal['code'] {
  try {
    return nextStatus(from, move)
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const MOVED = STEPS.filter(({ to }) => ReferralStatus.safeParse(to).success)

describe('a referral', () => {
  it('never leaves a terminal status', () => {
    expect(MOVED.filter(({ from }) => TERMINAL.includes(from))).toEqual([])
  })

  it('reaches each of the ten statuses from `draft`', () => {
    const reached = new Set<string>(['draft'])
    for (let before = 0; before < reached.size; ) {
      before = reached.size
      for (const { from, to } of MOVED) if (reached.has(from)) reached.add(to)
    }
    expect([...reached].sort()).toEqual([...ReferralStatus.options].sort())
  })

  it('can always still come to an end', () => {
    const open = ReferralStatus.options.filter((status) => !TERMINAL.includes(status))
    for (const status of open) {
      const ends = MOVED.filter(({ from, to }) => from === status && (TERMINAL as string[]).includes(to))
      expect(ends.length).toBeGreaterThan(0)
    }
  })

  it('is moved only by the roles the table lists, with the reasons it lists for them', () => {
    for (const { event, role, reason } of MOVED) {
      const reasons = (TRANSITIONS[event].by as Record<string, readonly string[]>)[role]
      expect(reasons).toBeDefined()
      if (reasons!.length === 0) expect(reason).toBeNull()
      else expect(reasons).toContain(reason)
    }
    for (const { event, role, to } of STEPS) {
      if (!Object.hasOwn(TRANSITIONS[event].by, role)) expect(to).toBe('forbidden')
    }
  })

  it('is delivered by its provider alone', () => {
    const delivering = MOVED.filter(
      ({ from, to }) => to !== from && ['accepted', 'in-progress', 'completed'].includes(to),
    )
    expect(new Set(delivering.map(({ role }) => role))).toEqual(new Set(['provider']))
  })

  it('gives its holds back at every end but completion', () => {
    for (const event of REFERRAL_EVENTS) {
      const { to, effect } = TRANSITIONS[event]
      if (to === 'completed') expect(effect).toBe('close')
      else expect(effect === 'release').toBe((TERMINAL as string[]).includes(to))
    }
  })

  it('keeps every reason in use', () => {
    const used = new Set(MOVED.map(({ reason }) => reason).filter((reason) => reason !== null))
    expect([...used].sort()).toEqual([...ReferralReason.options].sort())
  })

  it('says which condition is not met', () => {
    const asked: Circumstances = { status: 'accepted', residentAnswer: null, delivered: 0 }
    const conflict = (guard: keyof typeof GUARDS) => ({
      code: 'state_conflict',
      message: GUARDS[guard].sentence,
    })
    const refusalOf = (event: ReferralEvent, circumstances: Circumstances) => {
      try {
        return requireGuard(event, circumstances)
      } catch (error) {
        return error
      }
    }
    expect(refusalOf('start', asked)).toMatchObject(conflict('resident_agrees'))
    expect(refusalOf('confirm', asked)).toBeUndefined()
    const agreed: Circumstances = { ...asked, residentAnswer: 'accepted' }
    expect(refusalOf('confirm', agreed)).toMatchObject(conflict('resident_silent'))
    expect(refusalOf('decline', agreed)).toMatchObject(conflict('resident_silent'))
    expect(refusalOf('expire', agreed)).toMatchObject(conflict('answer_missing'))
    expect(refusalOf('expire', { ...agreed, status: 'requested' })).toBeUndefined()
    expect(refusalOf('complete', agreed)).toMatchObject(conflict('something_delivered'))
    expect(refusalOf('complete', { ...agreed, delivered: 1 })).toBeUndefined()
  })

  it('whatever its parties try: serves only who said yes, completes only what was delivered, expires only unanswered', () => {
    const tries = fc.array(fc.constantFrom(...REFERRAL_EVENTS, 'deliver' as const), { maxLength: 40 })
    fc.assert(
      fc.property(tries, (events) => {
        let state: Circumstances = { status: 'draft', residentAnswer: null, delivered: 0 }
        for (const event of events) {
          const before = state
          state = after(state, event)
          const { status, residentAnswer, delivered } = state
          if (status === 'in-progress') expect(residentAnswer).toBe('accepted')
          if (status === 'completed') expect(delivered).toBeGreaterThan(0)
          if (before.residentAnswer) expect(residentAnswer).toBe(before.residentAnswer)
          if (event === 'expire' && state !== before) {
            expect(before.status === 'requested' || before.residentAnswer === null).toBe(true)
          }
        }
      }),
    )
  })
})

/** What an event makes of it, done by a party that may, for a reason that it may give; nothing, where it is refused. */
function after(state: Circumstances, event: ReferralEvent | 'deliver'): Circumstances {
  if (event === 'deliver') {
    return state.status === 'in-progress' ? { ...state, delivered: state.delivered + 1 } : state
  }
  const [[role, reasons]] = Object.entries(TRANSITIONS[event].by) as [[string, readonly ReferralReason[]]]
  try {
    const status = nextStatus(state.status, { event, role, reason: reasons[0] ?? null })
    requireGuard(event, state)
    const answers = { confirm: 'accepted', decline: 'declined' } as const
    const answer = event === 'confirm' || event === 'decline' ? answers[event] : state.residentAnswer
    return { ...state, status, residentAnswer: answer }
  } catch (error) {
    if (error instanceof Refusal) return state
    throw error
  }
}
