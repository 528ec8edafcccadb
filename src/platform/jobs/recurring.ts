/** Work that is done again and again: a job that, when it is done, asks for its next time. */
import { and, eq, isNotNull } from 'drizzle-orm'
import { z } from 'zod'
import { type Context, inTransaction, type TransactionContext } from '../context.ts'
import { defineJob, type JobDefinition } from './define-job.ts'
import { enqueueJob } from './enqueue-job.ts'
import { jobs } from './tables.ts'

/** Time in slots of the interval, counted from 1970, so that many processes ask for the same one job. */
const Slot = z.object({ slot: z.int(), previous: z.int().nullable() })
type Slot = z.infer<typeof Slot>

export interface RecurringJob extends JobDefinition<Slot> {
  readonly everyMs: number
}

/**
 * Declares work for every interval, done soon after the interval begins. After a standstill it is done once, not once
 * for every interval that was missed. It may be repeated, so it must find done what it has done.
 */
export function recurringJob(
  name: string,
  everyMs: number,
  work: (ctx: Context) => Promise<unknown>,
): RecurringJob {
  const job: RecurringJob = {
    everyMs,
    ...defineJob<Slot>({
      name,
      payload: Slot,
      attempts: 1_000_000,
      async perform(ctx, { slot, previous }, run) {
        // It is due: a process whose clock is a little slow would find nothing to do, and ask for the same slot again.
        const clock = () => new Date(Math.max(ctx.clock().getTime(), slot * everyMs))
        await work({ ...ctx, clock })
        await run.finish(async (ctx) => {
          await forget(ctx, name, previous)
          await ask(ctx, job, Math.floor(clock().getTime() / everyMs) + 1, slot)
        })
      },
    }),
  }
  return job
}

/** Asks for the next time of each, unless it is asked for already. Called when a process starts. */
export function scheduleRecurring(ctx: Context, recurring: readonly RecurringJob[]): Promise<void> {
  return inTransaction(ctx, async (ctx) => {
    for (const job of recurring) {
      await ask(ctx, job, Math.floor(ctx.clock().getTime() / job.everyMs) + 1, null)
    }
  })
}

async function ask(
  ctx: TransactionContext,
  job: RecurringJob,
  slot: number,
  previous: number | null,
): Promise<void> {
  const when = { key: keyOf(job.name, slot), availableAt: new Date(slot * job.everyMs) }
  await enqueueJob(ctx, job, { slot, previous }, when)
}

/** Otherwise a sweep of every minute would leave half a million rows a year. */
async function forget(ctx: TransactionContext, name: string, slot: number | null): Promise<void> {
  if (slot === null) return
  await ctx.tx.delete(jobs).where(and(eq(jobs.key, keyOf(name, slot)), isNotNull(jobs.doneAt)))
}

const keyOf = (name: string, slot: number) => `${name} ${slot}`
