/**
 * The ten statuses of Gravity's closed-loop referral, and everything that moves a referral from one to another, as
 * one table: what happens, from where, to where, who may do it and which reasons they may give; what it does to the
 * need and to what is held; when the system does it, because nobody else has; and what is not offered again for a while
 * afterwards.
 */
import { Refusal } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { type ReferralReason, type ReferralStatus, RefusalReason } from './schemas.ts'

/** Reasons a party must choose from; empty = it gives none. */
type Reasons = readonly ReferralReason[]

interface Transition {
  from: readonly ReferralStatus[]
  /** `same` = it stays where it is. */
  to: ReferralStatus | 'same'
  by: Readonly<Record<string, Reasons>>
  /** What must be so, besides the status: rows of `GUARDS`. */
  given?: Guard | readonly Guard[]
  /**
   * What it means for the need and for what its match still holds (what was delivered is spent already): being
   * served; served, the rest given back; or open again, the rest given back.
   */
  effect: 'none' | 'serve' | 'close' | 'release'
  /** Of the system's moves: when it is made for parties who have not moved. */
  timeOut?: TimeOut
  /** After which reasons the resident is not offered the same again for a while, and what the same is. */
  coolOff?: Readonly<Partial<Record<ReferralReason, CoolOffScope>>>
}

/**
 * `answer_by`: the referral's own deadline. `month_over`: the month of its need has ended, and the days that the policy
 * gives for an answer have gone by since. An appeal stays both.
 */
export type TimeOut = 'answer_by' | 'month_over'

/** The offering that it was, or all of its provider. */
export type CoolOffScope = 'offering' | 'provider'

/** What is known of a referral besides its status. */
export interface Circumstances {
  status: ReferralStatus
  residentAnswer: 'accepted' | 'declined' | null
  /** Units that were delivered: all that were recorded but those annulled. */
  delivered: number
  /** Since when a suspension of its provider waits for the decision whether it goes on; null = none does. */
  suspendedAt: Date | null
}

/** Conditions that moves depend on, each with what is said where it is not met. */
export const GUARDS = {
  resident_agrees: {
    met: ({ residentAnswer }: Circumstances) => residentAnswer === 'accepted',
    sentence: 'The resident has not accepted the offer yet.',
  },
  not_suspended: {
    met: ({ suspendedAt }: Circumstances) => suspendedAt === null,
    sentence: 'The provider is suspended, and nobody has decided yet that the referral goes on.',
  },
  resident_silent: {
    met: ({ residentAnswer }: Circumstances) => residentAnswer === null,
    sentence: 'The resident has answered the offer already; who has changed their mind cancels the referral.',
  },
  answer_missing: {
    met: ({ status, residentAnswer }: Circumstances) => status === 'requested' || residentAnswer === null,
    sentence: 'Provider and resident have both answered.',
  },
  something_delivered: {
    met: ({ delivered }: Circumstances) => delivered > 0,
    sentence: 'Nothing was delivered yet: record the deliveries first.',
  },
  nothing_delivered: {
    met: ({ delivered }: Circumstances) => delivered === 0,
    sentence: 'Something was delivered.',
  },
} as const

export type Guard = keyof typeof GUARDS

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
    coolOff: {
      no_capacity: 'offering',
      not_eligible: 'offering',
      too_far: 'offering',
      staff_missing: 'offering',
      conflict_of_interest: 'provider',
    },
  },
  confirm: {
    from: ['requested', 'accepted'],
    to: 'same',
    by: { partner: NO_REASON },
    given: 'resident_silent',
    effect: 'none',
  },
  decline: {
    from: ['requested', 'accepted'],
    to: 'cancelled',
    by: { partner: RefusalReason.options },
    given: 'resident_silent',
    effect: 'release',
    coolOff: {
      too_far: 'offering',
      too_expensive: 'offering',
      wrong_time: 'offering',
      prefers_other_provider: 'provider',
    },
  },
  expire: {
    from: ['requested', 'accepted'],
    to: 'cancelled',
    by: { system: ['no_answer'] },
    given: 'answer_missing',
    effect: 'release',
    timeOut: 'answer_by',
  },
  lapse: {
    from: ['accepted'],
    to: 'cancelled',
    by: { system: ['not_started'] },
    given: 'resident_agrees',
    effect: 'release',
    timeOut: 'month_over',
  },
  start: {
    from: ['accepted'],
    to: 'in-progress',
    by: { provider: NO_REASON },
    given: ['resident_agrees', 'not_suspended'],
    effect: 'serve',
  },
  hold: {
    from: ['in-progress'],
    to: 'on-hold',
    by: { provider: ['resident_absent', 'staff_missing', 'assessment_needed', 'other'] },
    effect: 'none',
  },
  resume: { from: ['on-hold'], to: 'in-progress', by: { provider: NO_REASON }, effect: 'none' },
  complete: {
    from: ['in-progress'],
    to: 'completed',
    by: { provider: NO_REASON },
    given: 'something_delivered',
    effect: 'close',
  },
  fail: {
    from: ['accepted', 'in-progress', 'on-hold'],
    to: 'failed',
    by: { provider: ['no_show', 'no_contact', 'resident_refused', 'unsafe', 'other'] },
    effect: 'release',
    coolOff: { no_show: 'provider', unsafe: 'provider' },
  },
  wind_up: {
    from: ['in-progress', 'on-hold'],
    to: 'completed',
    by: { system: NO_REASON },
    given: 'something_delivered',
    effect: 'close',
    timeOut: 'month_over',
  },
  give_up: {
    from: ['in-progress', 'on-hold'],
    to: 'failed',
    by: { system: ['nothing_delivered'] },
    given: 'nothing_delivered',
    effect: 'release',
    timeOut: 'month_over',
  },
  cancel: {
    from: ['requested', 'accepted', 'in-progress', 'on-hold'],
    to: 'cancelled',
    by: {
      partner: ['resident_declined', 'resident_moved', 'resident_in_hospital', 'resident_died', 'other'],
      provider: ['service_closed', 'staff_missing', 'other'],
      'purchaser.officer': ['fund_withdrawn', 'provider_suspended', 'other'],
      system: ['resident_erased', 'consent_withdrawn'],
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

/** The moves that the system makes when their time has come, many at a time. */
export type TimedEvent = {
  [Event in ReferralEvent]: (typeof TRANSITIONS)[Event] extends { timeOut: TimeOut } ? Event : never
}[ReferralEvent]

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
  return to === 'same' ? status : to
}

/**
 * Whether what the move depends on besides the status is so.
 * @throws Refusal `state_conflict` that says what is missing.
 */
export function requireGuard(event: ReferralEvent, circumstances: Circumstances): void {
  const { given }: Transition = TRANSITIONS[event]
  for (const guard of [given ?? []].flat() as Guard[]) {
    if (!GUARDS[guard].met(circumstances)) throw new Refusal('state_conflict', GUARDS[guard].sentence)
  }
}

/** What is not to be offered again for a while after a move; null = anything may be. */
export function coolOffScope(event: ReferralEvent, reason: ReferralReason | null): CoolOffScope | null {
  const { coolOff }: Transition = TRANSITIONS[event]
  return (reason !== null && coolOff?.[reason]) || null
}

function refuseReason(message: string): never {
  throw invalidInput([{ path: ['reason'], message }])
}
