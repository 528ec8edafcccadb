/** How much of a wallet goes over into the next month. */
import type { Account } from '../../platform/ledger/accounts.ts'
import { availableIn, MOST_IN_A_WALLET } from './wallet-movements.ts'

/**
 * Minor units that go over now: what is left, up to the wallet's rule less what went over before, and to the most that
 * the next wallet may hold. What the rule does not let go over stays where it is and expires.
 */
export function carriedOver(
  { most, before, next }: { most: number | null; before: number; next: Pick<Account, 'limit'> },
  wallet: Pick<Account, 'limit' | 'held' | 'spent'>,
): number {
  const allowed = most === null ? Number.POSITIVE_INFINITY : most - before
  return Math.max(0, Math.min(availableIn(wallet), allowed, MOST_IN_A_WALLET - next.limit))
}
