import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Role } from '../../../src/features/identity/schemas.ts'
import {
  type Circumstances,
  coolOffScope,
  GUARDS,
  type Move,
  nextStatus,
  REFERRAL_EVENTS,
  type ReferralEvent,
  requireGuard,
  TRANSITIONS,
} from '../../../src/features/referrals/lifecycle.ts'
import { ReferralReason, ReferralStatus } from '../../../src/features/referrals/schemas.ts'
import { referralStatus } from '../../../src/features/referrals/tables.ts'
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

const isTimed = (event: ReferralEvent) => 'timeOut' in TRANSITIONS[event]
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

  it('has the ten statuses of Gravity, in the table as in the database and on the wire', () => {
    // FHIR R4 Task.status, as far as Gravity's closed-loop referral uses it.
    const gravity = ['draft', 'requested', 'accepted', 'rejected', 'in-progress', 'on-hold']
    gravity.push('completed', 'cancelled', 'failed', 'entered-in-error')
    expect(ReferralStatus.options).toEqual(gravity)
    expect(referralStatus.enumValues).toEqual(gravity)
    const inTable = REFERRAL_EVENTS.flatMap((event) => [...TRANSITIONS[event].from, TRANSITIONS[event].to])
    expect([...new Set(inTable)].filter((status) => status !== 'same').toSorted()).toEqual(gravity.toSorted())
  })

  it('is delivered by its provider alone', () => {
    const delivering = MOVED.filter(
      ({ from, to, event }) =>
        to !== from && ['accepted', 'in-progress', 'completed'].includes(to) && !isTimed(event),
    )
    expect(new Set(delivering.map(({ role }) => role))).toEqual(new Set(['provider']))
  })

  it('is moved by its time-outs through the system alone, from whatever has a deadline, to an end', () => {
    const timed = REFERRAL_EVENTS.filter(isTimed)
    expect(timed).toEqual(['expire', 'lapse', 'wind_up', 'give_up'])
    for (const { event, role, to } of MOVED.filter(({ event }) => isTimed(event))) {
      expect([event, role]).toEqual([event, 'system'])
      expect(TERMINAL).toContain(to)
    }
    // Nothing stands open for ever: what its parties leave alone is ended some day, whatever was answered or delivered.
    const answers = [null, 'accepted'] as const
    for (const status of ['requested', 'accepted', 'in-progress', 'on-hold'] as const) {
      for (const residentAnswer of status === 'requested' || status === 'accepted'
        ? answers
        : ['accepted' as const]) {
        for (const delivered of [0, 1]) {
          const ends = timed.filter((event) => {
            const { from, given } = TRANSITIONS[event] as {
              from: readonly string[]
              given: keyof typeof GUARDS
            }
            const circumstances = { status, residentAnswer, delivered, suspendedAt: null }
            return from.includes(status) && GUARDS[given].met(circumstances)
          })
          expect([status, residentAnswer, delivered, ends.length]).toEqual([
            status,
            residentAnswer,
            delivered,
            1,
          ])
        }
      }
    }
  })

  it('keeps from being offered again what was refused, or the whole provider where that is the reason', () => {
    const scoped = REFERRAL_EVENTS.flatMap((event) =>
      REASONS.flatMap((reason) => {
        const scope = coolOffScope(event, reason)
        return scope ? [`${event} ${reason} → ${scope}`] : []
      }),
    )
    expect(scoped.toSorted()).toEqual([
      'decline prefers_other_provider → provider',
      'decline too_expensive → offering',
      'decline too_far → offering',
      'decline wrong_time → offering',
      'fail no_show → provider',
      'fail unsafe → provider',
      'reject conflict_of_interest → provider',
      'reject no_capacity → offering',
      'reject not_eligible → offering',
      'reject staff_missing → offering',
      'reject too_far → offering',
    ])
    for (const event of REFERRAL_EVENTS) {
      const { coolOff = {}, by } = TRANSITIONS[event] as { coolOff?: object; by: Record<string, string[]> }
      for (const reason of Object.keys(coolOff)) expect(Object.values(by).flat()).toContain(reason)
    }
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
    const asked: Circumstances = {
      status: 'accepted',
      residentAnswer: null,
      delivered: 0,
      suspendedAt: null,
    }
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
    expect(refusalOf('start', agreed)).toBeUndefined()
    expect(refusalOf('start', { ...agreed, suspendedAt: new Date(0) })).toMatchObject(
      conflict('not_suspended'),
    )
    expect(refusalOf('confirm', agreed)).toMatchObject(conflict('resident_silent'))
    expect(refusalOf('decline', agreed)).toMatchObject(conflict('resident_silent'))
    expect(refusalOf('expire', agreed)).toMatchObject(conflict('answer_missing'))
    expect(refusalOf('expire', { ...agreed, status: 'requested' })).toBeUndefined()
    expect(refusalOf('complete', agreed)).toMatchObject(conflict('something_delivered'))
    expect(refusalOf('complete', { ...agreed, delivered: 1 })).toBeUndefined()
    expect(refusalOf('lapse', asked)).toMatchObject(conflict('resident_agrees'))
    expect(refusalOf('wind_up', agreed)).toMatchObject(conflict('something_delivered'))
    expect(refusalOf('give_up', { ...agreed, delivered: 1 })).toMatchObject(conflict('nothing_delivered'))
  })

  it('whatever its parties try: serves only who said yes, completes only what was delivered, expires only unanswered', () => {
    const tries = fc.array(fc.constantFrom(...REFERRAL_EVENTS, 'deliver' as const), { maxLength: 40 })
    fc.assert(
      fc.property(tries, (events) => {
        let state: Circumstances = {
          status: 'draft',
          residentAnswer: null,
          delivered: 0,
          suspendedAt: null,
        }
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
