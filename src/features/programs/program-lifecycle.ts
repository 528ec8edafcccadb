/** The states of a program and what moves it from one to the next, as one table. */
import { Refusal } from '../../platform/errors.ts'
import type { ProgramState } from './schemas.ts'

const TRANSITIONS = {
  revise: { from: ['draft'], to: 'draft' },
  submit: { from: ['draft'], to: 'submitted' },
  approve: { from: ['submitted'], to: 'approved' },
  open: { from: ['approved'], to: 'open' },
  freeze: { from: ['open'], to: 'frozen' },
  thaw: { from: ['frozen'], to: 'open' },
  close: { from: ['open', 'frozen'], to: 'closed' },
} as const satisfies Record<string, { from: readonly ProgramState[]; to: ProgramState }>

export type ProgramEvent = keyof typeof TRANSITIONS
export const PROGRAM_EVENTS = Object.keys(TRANSITIONS) as ProgramEvent[]

/** Where a program has a fund whose limit its budget is. */
const WITH_FUND: readonly ProgramState[] = ['open', 'frozen']

/**
 * The state after the event.
 * @throws Refusal `state_conflict` where the event does not apply.
 */
export function nextProgramState(event: ProgramEvent, state: ProgramState): ProgramState {
  const { from, to } = TRANSITIONS[event]
  requireOneOf(from, event, state)
  return to
}

/** @throws Refusal `state_conflict` where the program has no fund yet, or none any more. */
export function requireFund(state: ProgramState): void {
  requireOneOf(WITH_FUND, 'amend', state)
}

function requireOneOf(states: readonly ProgramState[], event: string, state: ProgramState): void {
  if (states.includes(state)) return
  throw new Refusal(
    'state_conflict',
    `A program that is ${state} does not take "${event}"; one that is ${states.join(' or ')} does.`,
  )
}
