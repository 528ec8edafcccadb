import type { Context } from '../../platform/context.ts'
import { timeOutReferrals } from './time-out-referrals.ts'

/**
 * Ends the referrals that both sides have accepted and that were never begun, some days after their month: everything
 * they hold is free again.
 * @param batch how many end in one transaction.
 * @returns how many have lapsed.
 * @throws Refusal `forbidden` for everybody but the system.
 */
export function lapseReferrals(ctx: Context, batch?: number): Promise<number> {
  return timeOutReferrals(ctx, ['lapse'], batch)
}
