import { Refusal } from '../../platform/errors.ts'
import type { RunState } from './schemas.ts'
import type { RunRow } from './start-run.ts'

const SOLVED: readonly RunState[] = ['proposed', 'returned', 'approved']

/** Whether a run has been solved, and what it read and found is kept. */
export function isSolved(state: RunState): boolean {
  return SOLVED.includes(state)
}

/** @throws Refusal `state_conflict` for a run that is not solved, or was before snapshots were kept. */
export function requireSnapshot({ state, engineVersion }: Pick<RunRow, 'state' | 'engineVersion'>): void {
  if (!isSolved(state)) {
    throw new Refusal('state_conflict', `Only a run that is solved has a snapshot; this one is ${state}.`)
  }
  if (engineVersion === null) {
    throw new Refusal('state_conflict', 'This run was solved before snapshots were kept.')
  }
}
