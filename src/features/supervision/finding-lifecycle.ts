/** What becomes of a finding, as one table: what is done, from where, to where, and by whom. */
import { Refusal } from '../../platform/errors.ts'
import type { FindingState } from './finding-schemas.ts'

interface Step {
  from: readonly FindingState[]
  to: FindingState
  by: 'respondent' | 'supervisor'
  /** Whether the respondent owes a further answer afterwards: `kept` = until when it did before. */
  due: 'kept' | 'none' | 'anew'
}

export const STEPS = {
  respond: { from: ['open'], to: 'responded', by: 'respondent', due: 'kept' },
  correct: { from: ['responded'], to: 'corrected', by: 'respondent', due: 'none' },
  verify: { from: ['corrected'], to: 'verified', by: 'supervisor', due: 'none' },
  close: { from: ['verified'], to: 'closed', by: 'supervisor', due: 'none' },
  reopen: { from: ['corrected', 'verified'], to: 'open', by: 'supervisor', due: 'anew' },
} as const satisfies Record<string, Step>

export type FindingStep = keyof typeof STEPS
export const FINDING_STEPS = Object.keys(STEPS) as FindingStep[]

/** States in which the respondent owes an answer. */
export const AWAITED: readonly FindingState[] = ['open', 'responded']

/** The state after the step. @throws Refusal `state_conflict` from a state that the step does not start at. */
export function nextFindingState(step: FindingStep, state: FindingState): FindingState {
  const { from, to }: Step = STEPS[step]
  if (from.includes(state)) return to
  throw new Refusal(
    'state_conflict',
    `The finding is ${state}; to ${step} it, it must be ${from.join(' or ')}.`,
  )
}

/** Until when the next answer is due after the step; null = none is. */
export function nextDue(step: FindingStep, before: Date | null, anew: Date | null): Date | null {
  const { due }: Step = STEPS[step]
  if (due === 'kept') return before
  return due === 'anew' ? anew : null
}

/** A deadline after a stay has ended: later by as long as it lasted. */
export function movedOn(dueBy: Date | null, stayedAt: Date, now: Date): Date | null {
  return dueBy && new Date(dueBy.getTime() + Math.max(now.getTime() - stayedAt.getTime(), 0))
}
