/** The states of a policy and what moves it from one to the next, as one table. */
import { Refusal } from '../../platform/errors.ts'
import type { PolicyState } from './schemas.ts'

const TRANSITIONS = {
  revise: { from: 'draft', to: 'draft' },
  consult: { from: 'draft', to: 'consultation' },
  adopt: { from: 'consultation', to: 'adopted' },
  supersede: { from: 'adopted', to: 'superseded' },
} as const satisfies Record<string, { from: PolicyState; to: PolicyState }>

export type PolicyEvent = keyof typeof TRANSITIONS
export const POLICY_EVENTS = Object.keys(TRANSITIONS) as PolicyEvent[]

/** The dates of a consultation; null before there is one. */
export interface ConsultationWindow {
  consultedFrom: Date | null
  consultedUntil: Date | null
}

/**
 * The state after the event.
 * @throws Refusal `state_conflict` where the event does not apply.
 */
export function nextPolicyState(event: PolicyEvent, state: PolicyState): PolicyState {
  const { from, to } = TRANSITIONS[event]
  if (from === state) return to
  throw new Refusal(
    'state_conflict',
    `A policy that is ${state} does not take "${event}"; one that is ${from} does.`,
  )
}

/** Where `now` stands to the dates: the first instant belongs to the window, the last one no more. */
export function phaseOf(
  { consultedFrom, consultedUntil }: ConsultationWindow,
  now: Date,
): 'none' | 'before' | 'open' | 'over' {
  if (!consultedFrom || !consultedUntil) return 'none'
  if (now < consultedFrom) return 'before'
  return now < consultedUntil ? 'open' : 'over'
}
