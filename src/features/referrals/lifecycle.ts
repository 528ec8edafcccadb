/**
 * The ten statuses of Gravity's closed-loop referral, and everything that moves a referral from one to another, as
 * one table: what happens, from where, to where, who may do it and which reasons they may give.
 */
import { Refusal } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import type { ReferralReason, ReferralStatus } from './schemas.ts'

/** Reasons a party must choose from; empty = it gives none. */
type Reasons = readonly ReferralReason[]

interface Transition {
  from: readonly ReferralStatus[]
  to: ReferralStatus
  by: Readonly<Record<string, Reasons>>
  /**
   * What it means for the need and the amounts that its match holds: being served; served and all spent; or open
   * again and all given back.
   */
  effect: 'none' | 'serve' | 'commit' | 'release'
}

const NO_REASON: Reasons = []

export const TRANSITIONS = {
  request: { from: ['draft'], to: 'requested', by: { 'purchaser.finance': NO_REASON }, effect: 'none' },
  accept: { from: ['requested'], to: 'accepted', by: { provider: NO_REASON }, effect: 'none' },
  reject: {
    from: ['requested'],
    to: 'rejected',
    by: {
      provider: ['no_capacity', 'not_eligible', 'too_far', 'staff_missing', 'conflict_of_interest', 'other'],
    },
    effect: 'release',
  },
  start: { from: ['accepted'], to: 'in-progress', by: { provider: NO_REASON }, effect: 'serve' },
  hold: {
    from: ['in-progress'],
    to: 'on-hold',
    by: { provider: ['resident_absent', 'staff_missing', 'assessment_needed', 'other'] },
    effect: 'none',
  },
  resume: { from: ['on-hold'], to: 'in-progress', by: { provider: NO_REASON }, effect: 'none' },
  complete: { from: ['in-progress'], to: 'completed', by: { provider: NO_REASON }, effect: 'commit' },
  fail: {
    from: ['accepted', 'in-progress', 'on-hold'],
    to: 'failed',
    by: { provider: ['no_show', 'no_contact', 'resident_refused', 'unsafe', 'other'] },
    effect: 'release',
  },
  cancel: {
    from: ['requested', 'accepted', 'in-progress', 'on-hold'],
    to: 'cancelled',
    by: {
      partner: ['resident_declined', 'resident_moved', 'resident_in_hospital', 'resident_died', 'other'],
      provider: ['service_closed', 'staff_missing', 'other'],
      'purchaser.officer': ['fund_withdrawn', 'provider_suspended', 'other'],
    },
    effect: 'release',
  },
  void: {
    from: ['draft', 'requested', 'accepted', 'in-progress', 'on-hold'],
    to: 'entered-in-error',
    by: { 'purchaser.officer': ['duplicate', 'wrong_data', 'other'] },
    effect: 'release',
  },
} as const satisfies Record<string, Transition>

export type ReferralEvent = keyof typeof TRANSITIONS
export const REFERRAL_EVENTS = Object.keys(TRANSITIONS) as ReferralEvent[]

/** What somebody wants to happen to a referral. */
export interface Move {
  event: ReferralEvent
  role: string
  reason: ReferralReason | null
}

/**
 * The status after the move.
 * @throws Refusal `forbidden` for a role that may not do this, `invalid_input` for a reason that is missing or not
 *   this party's, `state_conflict` from a status the move does not start at.
 */
export function nextStatus(status: ReferralStatus, { event, role, reason }: Move): ReferralStatus {
  const { from, to, by }: Transition = TRANSITIONS[event]
  const reasons = Object.hasOwn(by, role) ? by[role] : undefined
  if (!reasons) throw new Refusal('forbidden', `The role ${role} may not ${event} a referral.`)
  if (reasons.length === 0 && reason !== null) refuseReason('takes no reason')
  if (reasons.length > 0 && (reason === null || !reasons.includes(reason))) {
    refuseReason(`must be one of ${reasons.join(', ')}`)
  }
  if (!from.includes(status)) {
    throw new Refusal(
      'state_conflict',
      `The referral is ${status}; to ${event} it, it must be ${from.join(' or ')}.`,
    )
  }
  return to
}

function refuseReason(message: string): never {
  throw invalidInput([{ path: ['reason'], message }])
}
