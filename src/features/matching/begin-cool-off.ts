import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { DAY_MS } from '../../platform/period.ts'
import { findAdoptedPolicy } from '../policies/adopted-policy.ts'
import { DEFAULT_COOL_OFF_DAYS } from '../policies/schemas.ts'
import { coolOffs } from './tables.ts'

/** One offering, or all of a provider. */
type Scope = { offeringId: string } | { organizationId: string }

/**
 * Keeps an offering, or a whole provider, from being offered to a resident again for the days that the policy in force
 * gives. For referrals, whose own verbs have asked for permission and reach.
 * @param reason coded, as the referral that fell through tells it.
 */
export async function beginCoolOff(
  ctx: TransactionContext,
  { residentId, reason, ...scope }: { residentId: string; reason: string } & Scope,
): Promise<void> {
  const days = (await findAdoptedPolicy(ctx))?.document.coolOffDays ?? DEFAULT_COOL_OFF_DAYS
  const now = ctx.clock()
  const id = ctx.newId()
  const until = new Date(now.getTime() + days * DAY_MS)
  await ctx.tx.insert(coolOffs).values({ id, residentId, reason, until, createdAt: now, ...scope })
  await record(ctx, 'cool_off.begin', id, { ...scope, reason, until })
  await emit(ctx, 'cool_off.begun', id, null, { ...scope, reason, until })
}
