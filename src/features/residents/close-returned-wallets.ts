import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import { type Context, inTransaction, query } from '../../platform/context.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { permit } from '../identity/permissions.ts'
import { closeWallets } from './close-wallets.ts'
import { residents } from './tables.ts'

/**
 * Takes out of the wallets of erased residents what came back to them since: of a delivery that was taken back there is
 * nobody left whom the money could wait for.
 * @returns how many residents had something left.
 */
export async function closeReturnedWallets(ctx: Context): Promise<number> {
  permit(ctx, 'wallet.carry_over')
  const rows = await query(ctx)
    .selectDistinct({ id: residents.id })
    .from(residents)
    .innerJoin(accounts, and(eq(accounts.kind, 'wallet'), eq(accounts.ownerId, residents.id)))
    .where(
      and(
        isNotNull(residents.erasedAt),
        eq(accounts.unit, ctx.currency),
        sql`${accounts.limit} > ${accounts.held} + ${accounts.spent}`,
      ),
    )
    .orderBy(asc(residents.id))
  for (const { id } of rows) await inTransaction(ctx, (ctx) => closeWallets(ctx, id))
  return rows.length
}
