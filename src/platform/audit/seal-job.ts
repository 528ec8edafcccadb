/** Seals the audit log every few minutes: a job that, when it is done, asks for its next time. */
import { z } from 'zod'
import { type Context, inTransaction, type TransactionContext } from '../context.ts'
import { defineJob } from '../jobs/define-job.ts'
import { enqueueJob } from '../jobs/enqueue-job.ts'
import { sealAudit } from './seal-audit.ts'

const EVERY_MS = 10 * 60_000

export const sealAuditJob = defineJob({
  name: 'audit.seal',
  payload: z.object({}),
  attempts: 1_000_000,
  async perform(ctx, _payload, job) {
    await sealAudit(ctx)
    await job.finish(scheduleNext)
  },
})

/** Asks for the next sealing, unless it is asked for already. Called when a process starts. */
export function scheduleSealing(ctx: Context): Promise<void> {
  return inTransaction(ctx, scheduleNext)
}

/** Slots of time, so that many processes ask for the same one job. */
async function scheduleNext(ctx: TransactionContext): Promise<void> {
  const slot = Math.floor(ctx.clock().getTime() / EVERY_MS) + 1
  await enqueueJob(
    ctx,
    sealAuditJob,
    {},
    { key: `audit.seal ${slot}`, availableAt: new Date(slot * EVERY_MS) },
  )
}
