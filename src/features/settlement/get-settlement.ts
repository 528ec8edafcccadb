import { and, asc, eq, isNotNull, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { programsWithinReach } from '../programs/get-program.ts'
import { programs } from '../programs/tables.ts'
import { settlements, statements } from './tables.ts'
import type { SettlementRow } from './write-statements.ts'

/** @throws Refusal `not_found`, also for a settlement beyond the actor's reach. */
export async function getSettlement(ctx: Context, id: string): Promise<SettlementRow> {
  permit(ctx, 'settlement.read')
  const [row] = await readSettlements(ctx, eq(settlements.id, id), 1)
  return found(row, 'settlement')
}

/**
 * Settlements within the actor's reach: of the programs within a purchaser's or supervisor's; of a provider, those that
 * owe it something. What others are owed is not for a provider: it is given the sums of its own statement.
 */
export async function readSettlements(
  ctx: Context,
  where: SQL | undefined,
  limit: number,
): Promise<SettlementRow[]> {
  const { role, organizationId } = ctx.actor
  const isProvider = role === 'provider'
  const { price, subsidy, copayment } = statements
  const rows = await query(ctx)
    .select({ settlement: settlements, own: { price, subsidy, copayment } })
    .from(settlements)
    .innerJoin(programs, eq(programs.id, settlements.programId))
    .leftJoin(
      statements,
      and(eq(statements.settlementId, settlements.id), eq(statements.providerId, organizationId)),
    )
    .where(and(where, isProvider ? isNotNull(statements.id) : undefined, await programsWithinReach(ctx)))
    .orderBy(asc(settlements.id))
    .limit(limit)
  return rows.map(({ settlement, own }) => (isProvider ? { ...settlement, ...own } : settlement))
}
