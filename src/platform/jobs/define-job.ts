/** What a job is: a name, the shape of its payload, and the work. */
import type { z } from 'zod'
import type { Context, TransactionContext } from '../context.ts'

/** One try of a job, as its `perform` sees it. */
export interface JobRun {
  readonly id: string
  /** 1 for the first try. */
  readonly attempt: number
  /** Aborts when the process shuts down; a job that stops early is started again by the next process. */
  readonly signal: AbortSignal
  /**
   * Writes the job's effect: `work` and the mark that the job is done commit together, or not at all. When the
   * job is done already (queues deliver more than once), nothing happens.
   * @returns whether `work` ran.
   */
  finish(work: (ctx: TransactionContext) => Promise<void>): Promise<boolean>
}

export interface JobDefinition<Payload = unknown> {
  readonly name: string
  readonly payload: z.ZodType<Payload>
  /** How many failures are tolerated before the job is given up. */
  readonly attempts: number
  perform(ctx: Context, payload: Payload, job: JobRun): Promise<void>
  /** Runs in the transaction that gives the job up; `reason` is a sentence fit for people. */
  onGivenUp?(ctx: TransactionContext, payload: Payload, reason: string): Promise<void>
}

/**
 * A definition whose payload only its own schema knows, so that different jobs fit in one list. Methods (not
 * function properties) make the assignment sound enough for the compiler; the runner parses before it calls.
 */
// biome-ignore lint/suspicious/noExplicitAny: the payload type differs per definition
export type AnyJobDefinition = JobDefinition<any>

/** Declares a job. Registering it with `startJobs` makes it run; `enqueueJob` asks for it. */
export function defineJob<Payload>(definition: JobDefinition<Payload>): JobDefinition<Payload> {
  return definition
}
