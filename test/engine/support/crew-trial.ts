import { type Board, createBoard, type Work } from '../../../src/engine/crew.ts'

/** What the threads of a trial share, all of it in shared memory. */
export interface CrewTrial {
  readonly board: Board
  /** Job × `width` + task → how often it was done. */
  readonly done: Int32Array
  readonly width: number
  /** Whether tasks take time, each its own. */
  readonly busy: boolean
  /** Thread → tasks that it did. */
  readonly byThread: Int32Array
  /** Task of `MEETING` → 1 once a thread has come to it. */
  readonly met: Int32Array
}

/** A job of as many tasks as there are threads: none ends before all have begun, each in a thread of its own. */
export const MEETING = -7
/** The same, but then every helper throws. */
export const HELPERS_FAIL = -8
/** The same, but then the leader throws. */
export const LEADER_FAILS = -9

export function createTrial(jobs: number, width: number, threads: number, busy = true): CrewTrial {
  const integers = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4))
  return {
    board: createBoard(),
    done: integers(jobs * width),
    width,
    busy,
    byThread: integers(threads),
    met: integers(1),
  }
}

/** What thread number `thread` does in a trial; 0 leads. */
export function trialWork({ done, width, busy, byThread, met }: CrewTrial, thread: number): Work {
  return (job, task) => {
    Atomics.add(byThread, thread, 1)
    if (job >= 0) {
      Atomics.add(done, job * width + task, 1)
      // Long enough for the others to wake up in some jobs, and to find others finished.
      if (busy) linger((job * 31 + task * 17) % 64)
      return
    }
    meet(met, byThread.length)
    if (job === HELPERS_FAIL && thread > 0) throw new Error(`Thread ${thread} was told to fail.`)
    if (job === LEADER_FAILS && thread === 0) throw new Error('The leader was told to fail.')
  }
}

/** Waits until `count` threads are here; a minute at most, so that a broken crew fails instead of hanging. */
function meet(met: Int32Array, count: number): void {
  Atomics.add(met, 0, 1)
  Atomics.notify(met, 0)
  for (let here = Atomics.load(met, 0); here < count; here = Atomics.load(met, 0)) {
    if (Atomics.wait(met, 0, here, 60_000) === 'timed-out') throw new Error('The others did not come.')
  }
}

function linger(turns: number): void {
  for (let i = 0; i < turns * 40; i++) Atomics.load(IDLE, 0)
}
const IDLE = new Int32Array(1)
