/** Measurements in processes of their own, so that memory and warm code of one are not another's. */
import { spawnSync } from 'node:child_process'
import type { Worker } from 'node:worker_threads'

/** A measurement by name: what, and of which town. */
export interface Job {
  what: 'empty' | 'town' | 'warm'
  needs: number
  seed: number
}

export const nameOf = ({ what, needs, seed }: Job): string => `${what}:${needs}:${seed}`

/** Reads what `nameOf` wrote. */
export function jobOf(name: string): Job {
  const [what, needs, seed] = name.split(':')
  return { what: what as Job['what'], needs: Number(needs), seed: Number(seed) }
}

/**
 * Runs `script` again with its own arguments and `--one <job>`, and reads the JSON that it prints. Null where the
 * process failed; it has said why on standard error.
 */
export function inOwnProcess<Measured>(script: string, job: Job): Measured | null {
  const args = [...process.execArgv, script, ...process.argv.slice(2), '--one', nameOf(job)]
  const { stdout, status, signal } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
  if (status === 0) return JSON.parse(stdout.toString()) as Measured
  console.error(`The measurement ${nameOf(job)} ended with ${signal ?? `exit code ${status}`}.`)
  return null
}

const ends: Promise<void>[] = []

/** Keeps account of the threads that this process starts from now on. */
export function watchThreads(): void {
  process.on('worker', (worker: Worker) => {
    // Helpers do not keep a process alive; waiting for them must.
    worker.ref()
    ends.push(new Promise((resolve) => worker.once('exit', () => resolve())))
  })
}

/**
 * Settles when all threads are gone. A run never waits for its helpers to come, so behind a short one they may still be
 * loading; their memory would count by chance.
 */
export async function threadsEnded(): Promise<void> {
  // Node announces a thread in the turn after the one that started it.
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all(ends)
}
