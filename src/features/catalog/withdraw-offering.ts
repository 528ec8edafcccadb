import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { permit } from '../identity/permissions.ts'
import { getOffering, type OfferingDetail } from './get-offering.ts'
import { lockOwnOffering } from './lock-offering.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { supersedeChanges } from './supersede-changes.ts'
import { offerings } from './tables.ts'

/**
 * Takes an offering out of every later match; what is promised already stays promised.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` when it is withdrawn already.
 */
export async function withdrawOffering(
  ctx: Context,
  { offeringId, version }: { offeringId: string; version: number },
): Promise<OfferingDetail> {
  permit(ctx, 'offering.withdraw')
  return inTransaction(ctx, async (ctx) => {
    const offering = await lockOwnOffering(ctx, offeringId)
    requireVersion(offering, version)
    if (offering.state === 'withdrawn') {
      throw new Refusal('state_conflict', 'The offering is withdrawn already.')
    }
    await ctx.tx
      .update(offerings)
      .set({ state: 'withdrawn', version: version + 1 })
      .where(eq(offerings.id, offeringId))
    await publishToDirectory(ctx, { offeringIds: [offeringId] })
    await supersedeChanges(ctx, offering)
    await record(ctx, 'offering.withdraw', offeringId)
    await emit(ctx, 'offering.withdrawn', offeringId, offering.organizationId)
    return getOffering(ctx, offeringId)
  })
}
