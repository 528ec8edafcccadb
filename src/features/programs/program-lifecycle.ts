/** The states of a program and what moves it from one to the next, as one table. */
import { Refusal } from '../../platform/errors.ts'
import type { ProgramState } from './schemas.ts'

const TRANSITIONS = {
  submit: { from: ['draft'], to: 'submitted' },
  approve: { from: ['draft', 'submitted'], to: 'approved' },
  open: { from: ['approved'], to: 'open' },
  freeze: { from: ['open'], to: 'frozen' },
  thaw: { from: ['frozen'], to: 'open' },
  close: { from: ['open', 'frozen'], to: 'closed' },
} as const satisfies Record<string, { from: readonly ProgramState[]; to: ProgramState }>

export type ProgramEvent = keyof typeof TRANSITIONS
export const PROGRAM_EVENTS = Object.keys(TRANSITIONS) as ProgramEvent[]

/**
 * The state after the event.
 * @throws Refusal `state_conflict` where the event does not apply.
 */
export function nextProgramState(event: ProgramEvent, state: ProgramState): ProgramState {
  const { from, to } = TRANSITIONS[event]
  if (!(from as readonly ProgramState[]).includes(state)) {
    throw new Refusal(
      'state_conflict',
      `A program that is ${state} does not take "${event}"; one that is ${from.join(' or ')} does.`,
    )
  }
  return to
}
