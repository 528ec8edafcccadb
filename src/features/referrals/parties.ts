/** Whom a referral concerns. */
import type { referrals } from './tables.ts'

type Parties = Pick<typeof referrals.$inferSelect, 'providerId' | 'partnerId' | 'purchaserId'>

/** The organizations that are told what happens to it. */
export function partiesOf({ providerId, partnerId, purchaserId }: Parties): string[] {
  return [providerId, partnerId, ...(purchaserId ? [purchaserId] : [])]
}
