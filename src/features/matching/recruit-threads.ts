/** Threads that help the engine: it asks for them, and cannot start them by itself. */
import { availableParallelism } from 'node:os'
import type { Workplace } from '../../engine/workplace.ts'
import { startThread } from '../../platform/jobs/thread.ts'

/** What a helping thread is started with. */
export interface HelpRequest {
  readonly place: Workplace
  readonly thread: number
}

/**
 * Starts the helpers of a run; each joins as soon as it is ready, and ends when the run does. A run never
 * waits for one to come. A helper that dies takes the process along: the run would wait for its task for ever.
 */
export function recruitThreads(place: Workplace, threads: number): void {
  for (let thread = 1; thread < threads; thread++) {
    const request: HelpRequest = { place, thread }
    startThread(new URL('./engine-thread.ts', import.meta.url), request).unref()
  }
}

/** Beyond so many, threads cost more memory than they save time: regions and chunks are few. */
const MOST_USEFUL = 8

/** Needs times rounds below which a problem is solved before a helper has started. */
const TOO_SMALL = 2_500

/** As many threads as this machine runs at once, up to eight. */
export const usefulThreads = (): number => Math.min(MOST_USEFUL, availableParallelism())

/** The same for a problem of so many needs; one where a helper would come too late. */
export const threadsFor = (needs: number, rounds: number): number =>
  needs * rounds < TOO_SMALL ? 1 : usefulThreads()
