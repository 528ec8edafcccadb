import type { Recruit } from '../../../src/engine/team.ts'
import type { Workplace } from '../../../src/engine/workplace.ts'
import { startThread } from '../../../src/platform/jobs/thread.ts'

/**
 * Recruits helpers and waits until all are there: a short run would be over before they are. `place` is where
 * they were called to last.
 */
export function createRecruiter(): { recruit: Recruit; place: () => Workplace } {
  let last: Workplace | undefined
  return {
    recruit: (place, threads) => {
      last = place
      const joined = new Int32Array(new SharedArrayBuffer(4))
      for (let thread = 1; thread < threads; thread++) {
        startThread(new URL('./joining-thread.ts', import.meta.url), { place, thread, joined }).unref()
      }
      for (let here = 0; here < threads - 1; here = Atomics.load(joined, 0)) {
        if (Atomics.wait(joined, 0, here, 60_000) === 'timed-out')
          throw new Error('The helpers did not come.')
      }
    },
    place: () => last!,
  }
}
