import { and, eq, sql } from 'drizzle-orm'
import { type Context, inTransaction, type TransactionContext } from '../../platform/context.ts'
import { transfers } from '../../platform/ledger/tables.ts'
import { getWallet } from './list-wallets.ts'
import { walletMovements } from './tables.ts'
import { type Happened, statementOf, type WalletStatement } from './wallet-statement.ts'

/**
 * Everything that happened to a resident's wallet of a month, in the order it happened.
 * @throws Refusal `not_found`, also where nothing was put in for the month.
 */
export function getWalletStatement(
  ctx: Context,
  { residentId, period }: { residentId: string; period: string },
): Promise<WalletStatement> {
  return inTransaction(ctx, async (inside) => {
    // One snapshot for all that is read, so that the lines add up whatever happens meanwhile.
    if (!ctx.tx) await inside.tx.execute(sql`set transaction isolation level repeatable read, read only`)
    const wallet = await getWallet(inside, { residentId, period })
    return statementOf(wallet, [
      ...(await movementsOf(inside, residentId, period)),
      ...(await transfersOf(inside, wallet.id)),
    ])
  })
}

async function movementsOf(ctx: TransactionContext, residentId: string, period: string): Promise<Happened[]> {
  const { id, at, kind, amount } = walletMovements
  const rows = await ctx.tx
    .select({ id, at, kind, amount })
    .from(walletMovements)
    .where(and(eq(walletMovements.residentId, residentId), eq(walletMovements.period, period)))
  return rows.map((row) => ({ ...row, amount: Math.abs(row.amount), bundleId: null }))
}

/** A wallet gives and is never given to: its transfers are those that it pays. */
async function transfersOf(ctx: TransactionContext, accountId: string): Promise<Happened[]> {
  const { id, at, phase, amount, bundleId } = transfers
  const rows = await ctx.tx
    .select({ id, at, kind: phase, amount, bundleId })
    .from(transfers)
    .where(eq(transfers.debitId, accountId))
  // Paying the provider out, or taking that back, moves nothing of the wallet's.
  return rows.flatMap(({ kind, ...row }) =>
    kind === 'settle' || kind === 'unsettle' ? [] : [{ ...row, kind }],
  )
}
