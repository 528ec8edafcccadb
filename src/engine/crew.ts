/** Does task number `task` of the job that `job` stands for. */
export type Work = (job: number, task: number) => void

/** Threads that share the tasks of a job. */
export interface Crew {
  /** Does tasks 0 .. count − 1 of a job, in any order and by any thread; returns when all are done. */
  run(job: number, count: number): void
  /** Sends the helpers home. The crew must not be used afterwards. */
  dismiss(): void
}

// Places on the board.
const TICKET = 0
const JOB = 1
const COUNT = 2
const DONE = 3
const FAILURES = 4
const BOARD_SIZE = 5

/** A ticket is the number of the job's turn and, in its last 20 bits, the next task. */
const TASK_BITS = 20
const LAST_TASK = (1 << TASK_BITS) - 1
const LAST_TURN = 0x7ff
const DISMISSED = -1

/** The words of shared memory by which a leader and its helpers agree who does what. */
export function createBoard(): Int32Array {
  const board = new Int32Array(new SharedArrayBuffer(BOARD_SIZE * 4))
  board[TICKET] = LAST_TASK
  return board
}

/**
 * Leads a crew from this thread. Helpers join by `follow` whenever they are ready; until then, and without
 * any, this thread does all tasks by itself. `run` throws if a task did.
 */
export function lead(board: Int32Array, work: Work): Crew {
  let turn = 0
  return {
    run(job, count) {
      if (count >= LAST_TASK) throw new RangeError(`A job of ${count} tasks is too large.`)
      turn = (turn + 1) & LAST_TURN
      // Closed while job and count change: a ticket of this turn is valid only for what follows.
      Atomics.store(board, TICKET, (turn << TASK_BITS) | LAST_TASK)
      Atomics.store(board, JOB, job)
      Atomics.store(board, COUNT, count)
      Atomics.store(board, DONE, 0)
      Atomics.store(board, TICKET, turn << TASK_BITS)
      Atomics.notify(board, TICKET)
      takeTasks(board, work)
      for (let done = Atomics.load(board, DONE); done < count; done = Atomics.load(board, DONE)) {
        Atomics.wait(board, DONE, done)
      }
      if (Atomics.load(board, FAILURES) > 0) throw new Error('A task of the engine failed in another thread.')
    },
    dismiss() {
      Atomics.store(board, TICKET, DISMISSED)
      Atomics.notify(board, TICKET)
    },
  }
}

/** Helps the leader of `board` until it dismisses its crew. Blocks the thread. */
export function follow(board: Int32Array, work: Work): void {
  for (;;) {
    const ticket = takeTasks(board, work)
    if (ticket === DISMISSED) return
    Atomics.wait(board, TICKET, ticket)
  }
}

/** Does tasks as long as there are any; returns the ticket that offered none. */
function takeTasks(board: Int32Array, work: Work): number {
  for (;;) {
    const ticket = Atomics.load(board, TICKET)
    if (ticket === DISMISSED) return ticket
    const task = ticket & LAST_TASK
    const job = Atomics.load(board, JOB)
    if (task >= Atomics.load(board, COUNT)) return ticket
    // Only a ticket that is still on the board belongs to the job just read.
    if (Atomics.compareExchange(board, TICKET, ticket, ticket + 1) !== ticket) continue
    try {
      work(job, task)
    } catch (error) {
      Atomics.add(board, FAILURES, 1)
      throw error
    } finally {
      Atomics.add(board, DONE, 1)
      Atomics.notify(board, DONE)
    }
  }
}
