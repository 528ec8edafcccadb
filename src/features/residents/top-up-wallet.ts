import { record } from '../../platform/audit/record.ts'
import { type Context, inTransaction } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { type Account, accountsOf, openAccount, setLimit } from '../../platform/ledger/accounts.ts'
import { parseInput } from '../../platform/parse-input.ts'
import { refusePast } from '../../platform/period.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from './find-resident.ts'
import { TopUpWallet } from './schemas.ts'

/**
 * Adds money to what a resident has for services in a month.
 * @throws Refusal `not_found` for another partner's resident, `invalid_input` for a month that is over.
 */
export async function topUpWallet(ctx: Context, { residentId, ...input }: TopUpWallet): Promise<Account> {
  permit(ctx, 'wallet.top_up')
  const { period, amount } = parseInput(TopUpWallet, input)
  refusePast(period, ctx.clock())
  return inTransaction(ctx, async (ctx) => {
    const { organizationId } = await findResident(ctx, residentId)
    const name = { kind: 'wallet', ownerId: residentId, period, unit: ctx.currency } as const
    // Opening locks the row, so that two top-ups at once add up.
    const wallet = await openAccount(ctx, name, 0)
    const account = await setLimit(ctx, wallet.id, wallet.limit + amount)
    await record(ctx, 'wallet.top_up', residentId, { period, amount })
    await emit(ctx, 'wallet.topped_up', residentId, organizationId, { period, amount })
    return account
  })
}

/** @throws Refusal `not_found` where nothing was put in for the month. */
export async function getWallet(
  ctx: Context,
  { residentId, period }: { residentId: string; period: string },
): Promise<Account> {
  permit(ctx, 'wallet.read')
  await findResident(ctx, residentId)
  const accounts = await accountsOf(ctx, [residentId], period)
  return found(
    accounts.find(({ kind, unit }) => kind === 'wallet' && unit === ctx.currency),
    'wallet',
  )
}
