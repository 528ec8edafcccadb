import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireAreas } from '../communities/require-areas.ts'
import { getOffering, type OfferingDetail } from './get-offering.ts'
import type { LockedOffering } from './lock-offering.ts'
import { mergeRevision } from './merge-revision.ts'
import { offeringValues } from './offering-values.ts'
import { publishToDirectory } from './publish-to-directory.ts'
import { reuseService } from './reuse-service.ts'
import type { ReviseOffering } from './schemas.ts'
import { supersedeChanges } from './supersede-changes.ts'
import { offerings } from './tables.ts'

/**
 * Edits a locked offering: the one way, whether its provider edits it or approves what somebody proposed.
 * @param approved the change request whose approval this is.
 * @throws Refusal `invalid_input` as of `mergeRevision` and for unknown areas, `state_conflict` when it is withdrawn.
 */
export async function applyRevision(
  ctx: TransactionContext,
  offering: LockedOffering,
  patch: ReviseOffering,
  approved?: string,
): Promise<OfferingDetail> {
  const { id, organizationId, category, term, version } = offering
  if (offering.state === 'withdrawn') throw new Refusal('state_conflict', 'The offering is withdrawn.')
  const { name, ...values } = mergeRevision(offering, patch)
  if (patch.serviceAreaIds) await requireAreas(ctx, namedAreas(values.serviceAreaIds))
  const serviceId =
    name === offering.name
      ? offering.serviceId
      : await reuseService(ctx, { organizationId, name, category, term })
  await ctx.tx
    .update(offerings)
    .set({ ...offeringValues(ctx, values), serviceId, version: version + 1 })
    .where(eq(offerings.id, id))
  await publishToDirectory(ctx, { offeringIds: [id], serviceIds: [offering.serviceId] })
  const fields = Object.keys(patch)
  await supersedeChanges(ctx, offering, { fields, approved })
  const { price } = values
  await record(ctx, 'offering.revise', id, { fields, price, changeRequestId: approved ?? null })
  await emit(ctx, 'offering.revised', id, organizationId, { fields, version: version + 1 })
  return getOffering(ctx, id)
}

export function namedAreas(ids: readonly string[]) {
  return ids.map((id, at) => ({ id, path: ['serviceAreaIds', at] }))
}
