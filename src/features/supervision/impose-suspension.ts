import { and, asc, eq, inArray } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { Refusal } from '../../platform/errors.ts'
import { emit, emitAll } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { suspendOffering } from '../catalog/suspend-offering.ts'
import { suspendProvider } from '../catalog/suspend-provider.ts'
import { offerings } from '../catalog/tables.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import { organizations } from '../identity/tables.ts'
import { matches } from '../matching/tables.ts'
import { TRANSITIONS } from '../referrals/lifecycle.ts'
import { suspendReferrals } from '../referrals/suspend-referrals.ts'
import { referrals } from '../referrals/tables.ts'
import { assumeSupervision } from './assume-supervision.ts'
import { getSuspension, type SuspensionDetailRow } from './list-suspensions.ts'
import { readSubject, requireWithinArea, type Subject } from './read-subject.ts'
import { ImposeSuspension } from './suspension-schemas.ts'
import { suspendedReferrals, suspensions } from './tables.ts'

/**
 * Takes a provider, or one of its offerings, out of matching, search and new bookings at once, until it is lifted. Every
 * open referral gets a decision of whoever pays, or of the partner where nobody does: before, none of them begins, and what
 * runs already runs on.
 * @throws Refusal `not_found` for a provider or an offering beyond the actor's area, `invalid_input` where the whole
 *   provider is meant that also offers beyond it, `duty_conflict` for the actor's own body, `state_conflict` while it is suspended already.
 */
export async function imposeSuspension(ctx: Context, input: ImposeSuspension): Promise<SuspensionDetailRow> {
  return attempted(ctx, { action: 'suspension.impose', objectId: input.providerId }, async (ctx) => {
    permit(ctx, 'suspension.impose')
    const wanted = parseInput(ImposeSuspension, input)
    const { providerId, offeringId, reason } = wanted
    const provider = await reachProvider(ctx, providerId)
    if (offeringId) await requireOffering(ctx, providerId, offeringId)
    else await requireWhole(ctx, provider)
    await assumeSupervision(ctx, provider)
    if (offeringId) await suspendOffering(ctx, offeringId)
    else await suspendProvider(ctx, providerId)
    const id = ctx.newId()
    const { organizationId, principalId: imposedBy } = ctx.actor
    await ctx.tx
      .insert(suspensions)
      .values({ id, organizationId, ...wanted, imposedBy, createdAt: ctx.clock() })
    const running = await askForDecisions(ctx, id, wanted)
    await record(ctx, 'suspension.impose', id, { providerId, offeringId, reason, referrals: running })
    await emit(ctx, 'suspension.imposed', id, [providerId, organizationId], {
      providerId,
      offeringId,
      reason,
    })
    return getSuspension(ctx, id)
  })
}

async function reachProvider(ctx: TransactionContext, id: string): Promise<Subject> {
  const [row] = await ctx.tx
    .select({ kind: organizations.kind })
    .from(organizations)
    .where(eq(organizations.id, id))
  if (row?.kind !== 'provider') throw new Refusal('not_found', 'There is no such provider.')
  const subject = await readSubject(ctx, 'organization', id)
  await requireWithinArea(ctx, subject)
  return subject
}

/** Who looks after a part of what a provider offers cannot take out the rest. */
async function requireWhole(ctx: TransactionContext, { areaIds }: Subject): Promise<void> {
  const { areaId } = ctx.actor
  if (!areaId) return
  const within = new Set(await areaSubtree(ctx, areaId))
  if (areaIds?.every((id) => within.has(id))) return
  const message = 'must be named: the provider also offers beyond your area'
  throw invalidInput([{ path: ['offeringId'], message }])
}

async function requireOffering(
  ctx: TransactionContext,
  providerId: string,
  offeringId: string,
): Promise<void> {
  const own = and(eq(offerings.id, offeringId), eq(offerings.organizationId, providerId))
  if ((await ctx.tx.$count(offerings, own)) === 0) {
    throw invalidInput([{ path: ['offeringId'], message: 'is no offering of this provider' }])
  }
  await requireWithinArea(ctx, await readSubject(ctx, 'offering', offeringId))
}

/**
 * Lists what runs, and asks those who decide. After the offerings are out: who booked before is waited for, and nobody
 * books any more.
 * @returns how many there are.
 */
async function askForDecisions(
  ctx: TransactionContext,
  suspensionId: string,
  { providerId, offeringId }: { providerId: string; offeringId: string | null },
): Promise<number> {
  const running = await ctx.tx
    .select({ id: referrals.id, purchaserId: referrals.purchaserId, partnerId: referrals.partnerId })
    .from(referrals)
    .innerJoin(matches, eq(matches.id, referrals.matchId))
    .where(
      and(
        eq(referrals.providerId, providerId),
        offeringId ? eq(matches.offeringId, offeringId) : undefined,
        inArray(referrals.status, [...TRANSITIONS.cancel.from]),
      ),
    )
    .orderBy(asc(referrals.id))
    .for('update', { of: referrals })
  await suspendReferrals(
    ctx,
    running.map(({ id }) => id),
  )
  for (const chunk of chunks(running)) {
    await ctx.tx
      .insert(suspendedReferrals)
      .values(chunk.map(({ id: referralId }) => ({ suspensionId, referralId })))
  }
  const asked = running.map(({ id: objectId, purchaserId, partnerId }) => ({
    objectId,
    audience: [purchaserId ?? partnerId, providerId],
    data: { suspensionId },
  }))
  await emitAll(ctx, 'suspended_referral.asked', asked)
  return running.length
}
