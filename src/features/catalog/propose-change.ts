import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { ProposeChange } from './change-request-schemas.ts'
import { getOffering } from './get-offering.ts'
import { type ChangeRequestRow, getChangeRequest } from './list-change-requests.ts'
import { mergeRevision } from './merge-revision.ts'
import { changeRequests } from './tables.ts'

/**
 * Tells a provider that an offering should say something else, and why: by whoever may read it.
 * @throws Refusal `not_found`, `state_conflict` for a withdrawn one, `invalid_input` where the offering would not be
 *   valid afterwards.
 */
export async function proposeChange(
  ctx: Context,
  { offeringId, ...input }: ProposeChange,
): Promise<ChangeRequestRow> {
  permit(ctx, 'change_request.propose')
  const { changes, reason } = parseInput(ProposeChange, input)
  return inTransaction(ctx, async (ctx) => {
    const offering = await getOffering(ctx, offeringId)
    if (offering.state === 'withdrawn') throw new Refusal('state_conflict', 'The offering is withdrawn.')
    mergeRevision({ ...offering }, changes)
    const { organizationId: proposedBy, principalId: proposerId, role: proposerRole } = ctx.actor
    const proposer = { proposedBy, proposerId, proposerRole }
    const id = ctx.newId()
    await ctx.tx
      .insert(changeRequests)
      .values({ id, offeringId, changes, reason, ...proposer, state: 'pending', createdAt: ctx.clock() })
    const fields = Object.keys(changes)
    await record(ctx, 'change_request.propose', id, { offeringId, fields })
    await emit(ctx, 'change_request.proposed', id, offering.organizationId, { offeringId, fields })
    return getChangeRequest(ctx, id)
  })
}
