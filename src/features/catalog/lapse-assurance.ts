import { and, eq, isNull, lte } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { defineJob } from '../../platform/jobs/define-job.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { offeringAssurances, offerings } from './tables.ts'

const Lapse = z.object({ offeringId: z.uuid(), lapsesAt: z.iso.datetime() })
type Lapse = z.infer<typeof Lapse>

/** Runs when an assurance lapses, as it was when the job was asked for. */
export const lapseAssuranceJob = defineJob({
  name: 'offering.lapse_assurance',
  payload: Lapse,
  attempts: 5,
  perform: async (_ctx, payload, job) => {
    await job.finish((ctx) => lapseAssurance(ctx, payload))
  },
})

/**
 * Marks an assurance as lapsed and says so, once. One that was renewed beyond the job's date is left alone. Compares
 * with that date, not with the clock: a process whose clock is a little slow must not let the job pass for nothing.
 */
export async function lapseAssurance(
  ctx: TransactionContext,
  { offeringId, lapsesAt }: Lapse,
): Promise<void> {
  const [lapsed] = await ctx.tx
    .update(offeringAssurances)
    .set({ lapsedAt: ctx.clock() })
    .where(
      and(
        eq(offeringAssurances.offeringId, offeringId),
        isNull(offeringAssurances.lapsedAt),
        lte(offeringAssurances.lapsesAt, new Date(lapsesAt)),
      ),
    )
    .returning()
  if (!lapsed) return
  await publishToDirectory(ctx, { offeringIds: [offeringId] })
  const [offering] = await ctx.tx.select().from(offerings).where(eq(offerings.id, offeringId))
  await record(ctx, 'offering.lapse_assurance', offeringId, { lapsesAt })
  await emit(ctx, 'offering.assurance_lapsed', offeringId, offering!.organizationId, { lapsesAt })
}
