import { type Context, inTransaction } from '../../platform/context.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { applyRevision } from './apply-revision.ts'
import type { OfferingDetail } from './get-offering.ts'
import { lockOwnOffering } from './lock-offering.ts'
import { ReviseOffering } from './schemas.ts'

/**
 * Edits an offering of the actor's organization by a merge patch. Matches already made keep the terms they were made on.
 * @throws Refusal `not_found` for a foreign one, `precondition_failed`, and those of `applyRevision`.
 */
export async function reviseOffering(
  ctx: Context,
  { offeringId, version, ...input }: ReviseOffering & { offeringId: string; version: number },
): Promise<OfferingDetail> {
  permit(ctx, 'offering.revise')
  const patch = parseInput(ReviseOffering, input)
  return inTransaction(ctx, async (ctx) => {
    const offering = await lockOwnOffering(ctx, offeringId)
    requireVersion(offering, version)
    return applyRevision(ctx, offering, patch)
  })
}
