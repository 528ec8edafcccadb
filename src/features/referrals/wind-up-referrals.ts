import type { Context } from '../../platform/context.ts'
import { timeOutReferrals } from './time-out-referrals.ts'

/**
 * Ends the referrals that are still under way some days after their month: completed where something was delivered,
 * failed where nothing was. What they still hold is free again either way.
 * @param batch how many end in one transaction.
 * @returns how many were ended.
 * @throws Refusal `forbidden` for everybody but the system.
 */
export function windUpReferrals(ctx: Context, batch?: number): Promise<number> {
  return timeOutReferrals(ctx, ['wind_up', 'give_up'], batch)
}
