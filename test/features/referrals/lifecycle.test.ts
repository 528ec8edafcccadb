import { describe, expect, it } from 'vitest'
import { Role } from '../../../src/features/identity/schemas.ts'
import {
  type Move,
  nextStatus,
  REFERRAL_EVENTS,
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
    const delivering = MOVED.filter(({ to }) => ['accepted', 'in-progress', 'completed'].includes(to))
    expect(new Set(delivering.map(({ role }) => role))).toEqual(new Set(['provider']))
  })

  it('gives its holds back at every end but completion', () => {
    for (const event of REFERRAL_EVENTS) {
      const { to, effect } = TRANSITIONS[event]
      if (to === 'completed') expect(effect).toBe('commit')
      else expect(effect === 'release').toBe(TERMINAL.includes(to))
    }
  })

  it('keeps every reason in use', () => {
    const used = new Set(MOVED.map(({ reason }) => reason).filter((reason) => reason !== null))
    expect([...used].sort()).toEqual([...ReferralReason.options].sort())
  })
})
