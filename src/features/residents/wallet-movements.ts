import type { Context, TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import type { Account, AccountName } from '../../platform/ledger/accounts.ts'
import { addToLimits } from '../../platform/ledger/post-transfers.ts'
import { walletMovements } from './tables.ts'

/** Most minor units that a wallet may hold in all. */
export const MOST_IN_A_WALLET = 10_000_000_000

/** Something put into a resident's wallet of a month, or taken out of it: minor units with their sign. */
export interface WalletMovement {
  residentId: string
  period: string
  kind: (typeof walletMovements.$inferInsert)['kind']
  amount: number
}

/** The ledger's name of a resident's wallet. */
export function walletName(ctx: Context, ownerId: string, period: string): AccountName {
  return { kind: 'wallet', ownerId, period, unit: ctx.currency }
}

/** What is neither held nor spent. */
export function availableIn({ limit, held, spent }: Pick<Account, 'limit' | 'held' | 'spent'>): number {
  return limit - held - spent
}

/**
 * Moves money into wallets and out of them: the limit of an account is always the sum of its movements.
 * The caller has locked the accounts.
 */
export async function moveWallets(
  ctx: TransactionContext,
  moves: readonly { account: Account; kind: WalletMovement['kind']; amount: number }[],
): Promise<void> {
  await noteMovements(
    ctx,
    moves.map(({ account: { ownerId: residentId, period }, kind, amount }) => ({
      residentId,
      period,
      kind,
      amount,
    })),
  )
  const sums = new Map<string, number>()
  for (const { account, amount } of moves) sums.set(account.id, (sums.get(account.id) ?? 0) + amount)
  await addToLimits(ctx, [...sums])
}

/** Writes down what was put into accounts that were opened with it. */
export async function noteMovements(
  ctx: TransactionContext,
  movements: readonly WalletMovement[],
): Promise<void> {
  const at = ctx.clock()
  const rows = movements.map((movement) => ({ id: ctx.newId(), ...movement, at }))
  for (const chunk of chunks(rows)) await ctx.tx.insert(walletMovements).values(chunk)
}
