import { and, asc, eq, getTableColumns, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import type { Account } from '../../platform/ledger/accounts.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { permit } from '../identity/permissions.ts'
import { findResident } from './find-resident.ts'
import { wallets } from './tables.ts'

/** What is in a wallet, and how many minor units may go over into the next month; null = all. */
export type WalletOfMonth = Account & { carryOverMost: number | null }

/** The wallets of a resident in the order they were opened. @throws Refusal `not_found`. */
export async function listWallets(
  ctx: Context,
  { residentId, limit, cursor }: PageQuery & { residentId: string },
): Promise<Page<WalletOfMonth>> {
  permit(ctx, 'wallet.read')
  await findResident(ctx, residentId)
  const rows = await select(ctx, residentId)
    .where(cursor ? gt(accounts.id, cursor) : undefined)
    .orderBy(asc(accounts.id))
    .limit(limit + 1)
  return toPage(rows, limit)
}

/** @throws Refusal `not_found` where nothing was put in for the month. */
export async function getWallet(
  ctx: Context,
  { residentId, period }: { residentId: string; period: string },
): Promise<WalletOfMonth> {
  permit(ctx, 'wallet.read')
  await findResident(ctx, residentId)
  const [row] = await select(ctx, residentId).where(eq(accounts.period, period))
  return found(row, 'wallet')
}

function select(ctx: Context, residentId: string) {
  return query(ctx)
    .select({ ...getTableColumns(accounts), carryOverMost: wallets.carryOverMost })
    .from(accounts)
    .innerJoin(
      wallets,
      and(
        eq(accounts.kind, 'wallet'),
        eq(accounts.unit, ctx.currency),
        eq(accounts.ownerId, residentId),
        eq(wallets.residentId, residentId),
        eq(wallets.period, accounts.period),
      ),
    )
    .$dynamic()
}
