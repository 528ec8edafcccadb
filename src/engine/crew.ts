/** Does task number `task` of the job that `job` stands for. */
export type Work = (job: number, task: number) => void

/** Threads that share the tasks of a job. */
export interface Crew {
  /** Does tasks 0 .. count − 1 of a job, in any order and by any thread; returns when all are done. */
  run(job: number, count: number): void
  /** Sends the helpers home. The crew must not be used afterwards. */
  dismiss(): void
}

/** The shared memory by which a leader and its helpers agree who does what. */
export interface Board {
  /** One entry: the number of the job's turn and, in its last 20 bits, the next task. */
  readonly ticket: BigInt64Array
  readonly words: Int32Array
}

// Places of `words`.
const JOB = 0
const COUNT = 1
const DONE = 2
const FAILURES = 3
const WORD_COUNT = 4

const TASK_BITS = 20n
const LAST_TASK = (1 << 20) - 1
const DISMISSED = -1n

/**
 * An empty board. Turns are counted in 44 bits: should they begin anew, a helper that was held up for so long
 * could take an old ticket for a new one.
 */
export function createBoard(): Board {
  const ticket = new BigInt64Array(new SharedArrayBuffer(8))
  ticket[0] = BigInt(LAST_TASK)
  return { ticket, words: new Int32Array(new SharedArrayBuffer(WORD_COUNT * 4)) }
}

/**
 * Leads a crew from this thread. Helpers join by `follow` whenever they are ready; until then, and without
 * any, this thread does all tasks by itself. `run` throws if a task did.
 */
export function lead(board: Board, work: Work): Crew {
  const { ticket, words } = board
  let turn = 0n
  return {
    run(job, count) {
      if (count >= LAST_TASK) throw new RangeError(`A job of ${count} tasks is too large.`)
      turn++
      // Closed while job and count change: a ticket of this turn is valid only for what follows.
      Atomics.store(ticket, 0, (turn << TASK_BITS) | BigInt(LAST_TASK))
      Atomics.store(words, JOB, job)
      Atomics.store(words, COUNT, count)
      Atomics.store(words, DONE, 0)
      Atomics.store(ticket, 0, turn << TASK_BITS)
      Atomics.notify(ticket, 0)
      takeTasks(board, work)
      for (let done = Atomics.load(words, DONE); done < count; done = Atomics.load(words, DONE)) {
        Atomics.wait(words, DONE, done)
      }
      if (Atomics.load(words, FAILURES) > 0) throw new Error('A task of the engine failed in another thread.')
    },
    dismiss() {
      Atomics.store(ticket, 0, DISMISSED)
      Atomics.notify(ticket, 0)
    },
  }
}

/** Helps the leader of `board` until it dismisses its crew. Blocks the thread. */
export function follow(board: Board, work: Work): void {
  for (;;) {
    const last = takeTasks(board, work)
    if (last === DISMISSED) return
    Atomics.wait(board.ticket, 0, last)
  }
}

/** Does tasks as long as there are any; returns the ticket that offered none. */
function takeTasks({ ticket, words }: Board, work: Work): bigint {
  for (;;) {
    const next = Atomics.load(ticket, 0)
    if (next === DISMISSED) return next
    const task = Number(next & BigInt(LAST_TASK))
    const job = Atomics.load(words, JOB)
    if (task >= Atomics.load(words, COUNT)) return next
    // Only a ticket that is still on the board belongs to the job just read.
    if (Atomics.compareExchange(ticket, 0, next, next + 1n) !== next) continue
    try {
      work(job, task)
    } catch (error) {
      Atomics.add(words, FAILURES, 1)
      throw error
    } finally {
      Atomics.add(words, DONE, 1)
      Atomics.notify(words, DONE)
    }
  }
}
