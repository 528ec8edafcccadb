/** The states of a need and the ways between them: the one table that decides what may follow what. */
import { Refusal } from '../../platform/errors.ts'
import type { NeedState } from './schemas.ts'

/**
 * registered → in_run → matched → in_service → met | unmet; a booking goes from waiting straight to `matched`. A need
 * goes back to `registered` when its run is given up or its match falls through: it waits again. While a run or a match
 * has it, withdrawing it would leave that one with nothing to serve, so the match is cancelled first.
 */
export const NEED_TRANSITIONS: Record<NeedState, readonly NeedState[]> = {
  registered: ['in_run', 'matched', 'withdrawn', 'expired'],
  in_run: ['matched', 'unmet', 'registered'],
  matched: ['in_service', 'unmet', 'registered'],
  in_service: ['met', 'unmet', 'registered'],
  met: [],
  unmet: ['in_run', 'matched', 'registered', 'withdrawn', 'expired'],
  withdrawn: [],
  expired: [],
}

/** The states of a need that waits: nobody is at it, so it may be revised, and ends with its month. */
export const WAITING = ['registered', 'unmet'] as const satisfies readonly NeedState[]

/**
 * The state after the move.
 * @throws Refusal `state_conflict` when it may not follow.
 */
export function moveNeed(from: NeedState, to: NeedState): NeedState {
  if (NEED_TRANSITIONS[from].includes(to)) return to
  throw new Refusal('state_conflict', `A need that is ${from} cannot become ${to}.`)
}

/** @throws Refusal `state_conflict` for a need that a run or a match has, or that is over. */
export function requireWaiting(state: NeedState): void {
  if ((WAITING as readonly NeedState[]).includes(state)) return
  throw new Refusal('state_conflict', `The need is ${state}: only one that waits can be revised.`)
}
