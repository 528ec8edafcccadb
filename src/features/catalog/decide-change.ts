import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { requireVersion } from '../../platform/http/conditional.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { applyRevision } from './apply-revision.ts'
import { RejectChange } from './change-request-schemas.ts'
import { type ChangeRequestRow, getChangeRequest } from './list-change-requests.ts'
import { type LockedOffering, lockOwnOffering } from './lock-offering.ts'
import { changeRequests } from './tables.ts'

interface Decided {
  state: 'approved' | 'rejected'
  reason: string | null
}

/**
 * Makes the change that was proposed, as if the provider had edited the offering itself.
 * @throws Refusal `not_found` beyond the actor's reach, `precondition_failed` when the request has changed,
 *   `state_conflict` when it is decided, and those of `applyRevision`: what was valid may not be any more.
 */
export async function approveChange(
  ctx: Context,
  { id, version }: { id: string; version: number },
): Promise<ChangeRequestRow> {
  permit(ctx, 'change_request.decide')
  return inTransaction(ctx, async (ctx) => {
    const { request, offering } = await lockPending(ctx, id, version)
    await applyRevision(ctx, offering, request.changes, id)
    return decide(ctx, request, offering, { state: 'approved', reason: null })
  })
}

/**
 * Says no, and why.
 * @throws Refusal `not_found`, `precondition_failed`, `state_conflict` as `approveChange`.
 */
export async function rejectChange(
  ctx: Context,
  { id, version, ...input }: RejectChange,
): Promise<ChangeRequestRow> {
  permit(ctx, 'change_request.decide')
  const { reason } = parseInput(RejectChange, input)
  return inTransaction(ctx, async (ctx) => {
    const { request, offering } = await lockPending(ctx, id, version)
    return decide(ctx, request, offering, { state: 'rejected', reason })
  })
}

/** The offering before its requests, as edits do, so that no two wait for each other. */
async function lockPending(ctx: TransactionContext, id: string, version: number) {
  const { offeringId } = await getChangeRequest(ctx, id)
  const offering = await lockOwnOffering(ctx, offeringId)
  const [locked] = await ctx.tx.select().from(changeRequests).where(eq(changeRequests.id, id)).for('update')
  const request = found(locked, 'change request')
  requireVersion(request, version)
  if (request.state !== 'pending') {
    throw new Refusal('state_conflict', `The change request is ${request.state} already.`)
  }
  return { request, offering }
}

async function decide(
  ctx: TransactionContext,
  { id, version }: ChangeRequestRow,
  { id: offeringId, organizationId }: LockedOffering,
  { state, reason }: Decided,
): Promise<ChangeRequestRow> {
  const { principalId: decidedBy } = ctx.actor
  await ctx.tx
    .update(changeRequests)
    .set({ state, decidedBy, decidedAt: ctx.clock(), decisionReason: reason, version: version + 1 })
    .where(eq(changeRequests.id, id))
  const verb = state === 'approved' ? 'approve' : 'reject'
  await record(ctx, `change_request.${verb}`, id, { offeringId })
  await emit(ctx, `change_request.${state}`, id, organizationId, { offeringId })
  return getChangeRequest(ctx, id)
}
