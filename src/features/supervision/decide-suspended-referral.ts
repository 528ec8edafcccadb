import { and, eq } from 'drizzle-orm'
import { attempted } from '../../platform/audit/attempted.ts'
import { record } from '../../platform/audit/record.ts'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { found, Refusal } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { permit } from '../identity/permissions.ts'
import { lockReferral } from '../referrals/lock-referral.ts'
import { makeMove } from '../referrals/make-move.ts'
import { partiesOf } from '../referrals/parties.ts'
import { letBegin } from './let-begin.ts'
import { requireLive } from './lift-suspension.ts'
import type { SuspendedReferralRow, SuspensionRow } from './list-suspensions.ts'
import { DecideSuspendedReferral } from './suspension-schemas.ts'
import { suspendedReferrals, suspensions } from './tables.ts'

type Wanted = DecideSuspendedReferral & { suspensionId: string; referralId: string }

/**
 * Whether a referral that ran when its provider was suspended goes on: decided once, by the officer whose fund pays for
 * it, or by the partner where none does. To end it is to cancel it; one that goes on may begin.
 * @throws Refusal `not_found` for a referral that is not the actor's to decide on, `state_conflict` once it is decided,
 *   once the suspension is lifted, and for an end of what has ended already.
 */
export async function decideSuspendedReferral(
  ctx: Context,
  { suspensionId, referralId, ...input }: Wanted,
): Promise<SuspendedReferralRow> {
  return attempted(ctx, { action: 'suspended_referral.decide', objectId: referralId }, async (ctx) => {
    permit(ctx, 'suspended_referral.decide')
    const { decision } = parseInput(DecideSuspendedReferral, input)
    const suspension = await keepSuspension(ctx, suspensionId)
    const referral = await lockReferral(ctx, referralId)
    const { role, principalId: decidedBy } = ctx.actor
    if (role === 'partner' && referral.purchaserId) throw notTheirs()
    const wanted = ofBoth(suspensionId, referralId)
    const [listed] = await ctx.tx.select().from(suspendedReferrals).where(wanted)
    if (found(listed, 'referral').decision) {
      throw new Refusal('state_conflict', 'It is decided already whether the referral goes on.')
    }
    requireLive(suspension)
    const [row] = await ctx.tx
      .update(suspendedReferrals)
      .set({ decision, decidedBy, decidedAt: ctx.clock() })
      .where(wanted)
      .returning()
    if (decision === 'end') {
      const reason = role === 'partner' ? 'other' : 'provider_suspended'
      await makeMove(ctx, referral, { event: 'cancel', reason })
    } else await letBegin(ctx, [referralId])
    await record(ctx, 'suspended_referral.decide', referralId, { suspensionId, decision })
    const told = [...partiesOf(referral), suspension.organizationId]
    await emit(ctx, 'suspended_referral.decided', referralId, told, { suspensionId, decision })
    return row!
  })
}

/** Keeps it from being lifted until the transaction ends. */
async function keepSuspension(ctx: TransactionContext, id: string): Promise<SuspensionRow> {
  const [row] = await ctx.tx.select().from(suspensions).where(eq(suspensions.id, id)).for('share')
  return found(row, 'suspension')
}

function ofBoth(suspensionId: string, referralId: string) {
  return and(eq(suspendedReferrals.suspensionId, suspensionId), eq(suspendedReferrals.referralId, referralId))
}

/** Whoever pays decides. */
function notTheirs(): Refusal {
  return new Refusal('not_found', 'There is no such referral that you decide on.')
}
