import { eq } from 'drizzle-orm'
import { record } from '../../platform/audit/record.ts'
import type { TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { emit } from '../../platform/events/emit.ts'
import { accountsThroughTime } from '../../platform/ledger/accounts.ts'
import { lockAccounts } from '../../platform/ledger/post-transfers.ts'
import { residents } from './tables.ts'
import { availableIn, moveWallets } from './wallet-movements.ts'

/**
 * Takes everything that is neither held nor spent out of a resident's wallets, of all months. For erasure, whose own
 * verb has asked for permission and reach.
 * @returns how many wallets had something left.
 * @throws Refusal `not_found` for an unknown resident.
 */
export async function closeWallets(ctx: TransactionContext, residentId: string): Promise<number> {
  const [resident] = await ctx.tx
    .select({ organizationId: residents.organizationId })
    .from(residents)
    .where(eq(residents.id, residentId))
  const { organizationId } = found(resident, 'resident')
  const name = { kind: 'wallet', ownerId: residentId, unit: ctx.currency } as const
  const known = await accountsThroughTime(ctx, name)
  const locked = await lockAccounts(
    ctx,
    known.map(({ id }) => id),
  )
  const left = locked.filter((account) => availableIn(account) > 0)
  if (left.length === 0) return 0
  await moveWallets(
    ctx,
    left.map((account) => ({ account, kind: 'erased', amount: -availableIn(account) })),
  )
  await record(ctx, 'wallets.close', residentId, { wallets: left.length })
  await emit(ctx, 'wallet.closed', residentId, organizationId, { wallets: left.length })
  return left.length
}
