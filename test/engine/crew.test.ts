/** The crew by itself, with real threads: no job of the engine takes part. */
import type { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { type Crew, createBoard, lead } from '../../src/engine/crew.ts'
import { createRandom } from '../../src/engine/random.ts'
import { startThread } from '../../src/platform/jobs/thread.ts'
import {
  type CrewTrial,
  createTrial,
  HELPERS_FAIL,
  LEADER_FAILS,
  MEETING,
  trialWork,
} from './support/crew-trial.ts'

const workers: Worker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

/** A crew of `threads` that have all met, and how its helpers end. */
function assemble(trial: CrewTrial): { crew: Crew; exits: Promise<number[]>; errors: Error[] } {
  const errors: Error[] = []
  const helpers = [...trial.byThread.keys()].slice(1).map((thread) => {
    const worker = startThread(new URL('./support/crew-thread.ts', import.meta.url), { trial, thread })
    worker.on('error', (error) => errors.push(error as Error))
    workers.push(worker)
    return new Promise<number>((resolve) => worker.on('exit', resolve))
  })
  const crew = lead(trial.board, trialWork(trial, 0))
  gatherAll(trial, crew, MEETING)
  return { crew, exits: Promise.all(helpers), errors }
}

/** Runs a job in which every thread of the crew takes exactly one task. */
function gatherAll(trial: CrewTrial, crew: Crew, job: number): void {
  Atomics.store(trial.met, 0, 0)
  crew.run(job, trial.byThread.length)
}

describe.each([1, 2, 3, 4])('a crew of %i', (threads) => {
  test('does every task of thousands of tiny jobs exactly once', async () => {
    const jobs = 6000
    const width = 9
    const trial = createTrial(jobs, width, threads)
    const { crew, exits } = assemble(trial)
    expect([...trial.byThread]).toEqual(Array.from({ length: threads }, () => 1))
    const { below } = createRandom(threads)
    const wrong: string[] = []
    for (let job = 0; job < jobs; job++) {
      const count = below(width + 1)
      crew.run(job, count)
      // At once, not in the end: when `run` returns, everything has been done.
      for (let task = 0; task < width; task++) {
        const times = trial.done[job * width + task]
        if (times !== (task < count ? 1 : 0)) wrong.push(`task ${task} of ${count} of job ${job}: ${times}`)
      }
    }
    expect(wrong).toEqual([])
    crew.dismiss()
    expect(await exits).toEqual(Array.from({ length: threads - 1 }, () => 0))
    const total = trial.done.reduce((sum, times) => sum + times, 0)
    expect(trial.byThread.reduce((sum, tasks) => sum + tasks, 0)).toBe(total + threads)
    // All have worked, thousands of times on an idle machine, or this would show nothing.
    expect(Math.min(...trial.byThread)).toBeGreaterThan(50)
  })

  test('keeps jobs apart that follow each other at once', async () => {
    const jobs = 200_000
    const width = 4
    const trial = createTrial(jobs, width, threads, false)
    const { crew, exits } = assemble(trial)
    const { below } = createRandom(threads)
    const counts = Int8Array.from({ length: jobs }, () => below(width + 1))
    for (let job = 0; job < jobs; job++) crew.run(job, counts[job]!)
    crew.dismiss()
    await exits
    const wrong = trial.done.findIndex(
      (times, i) => times !== (i % width < counts[Math.floor(i / width)]! ? 1 : 0),
    )
    expect(wrong).toBe(-1)
  })

  test('shares a job of many tasks', async () => {
    const count = 20_000
    const trial = createTrial(1, count, threads)
    const { crew, exits } = assemble(trial)
    crew.run(0, count)
    expect(trial.done.every((times) => times === 1)).toBe(true)
    crew.dismiss()
    await exits
  })

  test('tells of an error in the leading thread', async () => {
    const trial = createTrial(1, 1, threads)
    const { crew, exits, errors } = assemble(trial)
    expect(() => gatherAll(trial, crew, LEADER_FAILS)).toThrow('The leader was told to fail.')
    crew.dismiss()
    expect(await exits).toEqual(Array.from({ length: threads - 1 }, () => 0))
    expect(errors).toEqual([])
  })
})

test.each([2, 3, 4])(
  'a crew of %i tells of an error in any other thread, and hangs for nothing',
  async (threads) => {
    const trial = createTrial(3, 5, threads)
    const { crew, exits, errors } = assemble(trial)
    const failure = 'A task of the engine failed in another thread.'
    expect(() => gatherAll(trial, crew, HELPERS_FAIL)).toThrow(failure)
    // The helpers are gone. The leader goes on doing the tasks, and says again that not all is well.
    expect(await exits).toEqual(Array.from({ length: threads - 1 }, () => 1))
    expect(errors.map((error) => error.message).sort()).toEqual(
      Array.from({ length: threads - 1 }, (_, i) => `Thread ${i + 1} was told to fail.`),
    )
    expect(() => crew.run(2, 5)).toThrow(failure)
    expect([...trial.done]).toEqual([...new Array(10).fill(0), 1, 1, 1, 1, 1])
    crew.dismiss()
  },
)

describe('a crew without helpers', () => {
  test('does the tasks in order', () => {
    const seen: string[] = []
    const crew = lead(createBoard(), (job, task) => seen.push(`${job}.${task}`))
    crew.run(4, 3)
    crew.run(5, 0)
    crew.run(4, 1)
    expect(seen).toEqual(['4.0', '4.1', '4.2', '4.0'])
  })

  test('outlives its ticket numbers', () => {
    let tasks = 0
    const crew = lead(createBoard(), () => tasks++)
    for (let job = 0; job < 5000; job++) crew.run(job, 2)
    expect(tasks).toBe(10_000)
  })

  test('refuses a job that its tickets cannot count', () => {
    const crew = lead(createBoard(), () => {})
    expect(() => crew.run(0, 2 ** 20 - 1)).toThrow(new RangeError('A job of 1048575 tasks is too large.'))
  })
})
