import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { emit } from '../../platform/events/emit.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { type Account, openAccount } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from './find-resident.ts'
import type { WalletOfMonth } from './list-wallets.ts'
import { wallets } from './tables.ts'
import { MOST_IN_A_WALLET, moveWallets, walletName } from './wallet-movements.ts'
import { TopUpWallet } from './wallet-schemas.ts'

/**
 * Adds money to what a resident has for services in a month, and says how much of it may go over into the next.
 * @throws Refusal `not_found` for another partner's resident, `invalid_input` for a month that is over and for more
 *   than a wallet may hold in all.
 */
export async function topUpWallet(
  ctx: Context,
  { residentId, ...input }: TopUpWallet,
): Promise<WalletOfMonth> {
  permit(ctx, 'wallet.top_up')
  const { period, amount, carryOverMost } = parseInput(TopUpWallet, input)
  refusePast(period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const { organizationId } = await findResident(ctx, residentId)
    // Opening locks the row, so that two top-ups at once add up.
    const account = await openAccount(ctx, walletName(ctx, residentId, period), 0)
    refuseTooMuch(account, amount)
    await moveWallets(ctx, [{ account, kind: 'top_up', amount }])
    const rule = await setRule(ctx, { residentId, period, carryOverMost })
    await record(ctx, 'wallet.top_up', residentId, { period, amount })
    await emit(ctx, 'wallet.topped_up', residentId, organizationId, { period, amount })
    return { ...account, limit: account.limit + amount, carryOverMost: rule }
  })
}

function refuseTooMuch({ limit }: Account, amount: number): void {
  if (limit + amount <= MOST_IN_A_WALLET) return
  const message = `would make more than the ${MOST_IN_A_WALLET} that a wallet may hold; it holds ${limit}`
  throw invalidInput([{ path: ['amount'], message }])
}

/** The rule of the wallet from now on: what is not said stays, and in a new wallet nothing goes over. */
async function setRule(
  ctx: TransactionContext,
  {
    residentId,
    period,
    carryOverMost,
  }: { residentId: string; period: string; carryOverMost: number | null | undefined },
): Promise<number | null> {
  const row = { residentId, period, carryOverMost: carryOverMost === undefined ? 0 : carryOverMost }
  const [wallet] = await ctx.tx
    .insert(wallets)
    .values(row)
    .onConflictDoUpdate({
      target: [wallets.residentId, wallets.period],
      // Touching the row makes RETURNING give the rule that is there.
      set: carryOverMost === undefined ? { period } : { carryOverMost },
    })
    .returning({ carryOverMost: wallets.carryOverMost })
  return wallet!.carryOverMost
}
