import type { Context } from '../../platform/context.ts'
import { timeOutReferrals } from './time-out-referrals.ts'

/**
 * Ends the offers whose time is over while the resident or the provider has not answered: everything they hold is free
 * again, their needs open again.
 * @param batch how many end in one transaction.
 * @returns how many have expired.
 * @throws Refusal `forbidden` for everybody but the system.
 */
export function expireOffers(ctx: Context, batch?: number): Promise<number> {
  return timeOutReferrals(ctx, ['expire'], batch)
}
