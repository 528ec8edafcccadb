import { and, asc, eq, getTableColumns, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { programsWithinReach } from '../programs/get-program.ts'
import { programs } from '../programs/tables.ts'
import { settlements, statements } from './tables.ts'

/** A statement with what it is for. */
export type StatementRow = Awaited<ReturnType<typeof readStatements>>[number]

/** @throws Refusal `not_found`, also for a statement beyond the actor's reach. */
export async function getStatement(ctx: Context, id: string): Promise<StatementRow> {
  permit(ctx, 'settlement.read')
  const [row] = await readStatements(ctx, eq(statements.id, id), 1)
  return found(row, 'statement')
}

/** Statements within the actor's reach: a provider's own; all of the programs within a purchaser's or supervisor's. */
export async function readStatements(ctx: Context, where: SQL | undefined, limit: number) {
  const { role, organizationId } = ctx.actor
  const own = role === 'provider' ? eq(statements.providerId, organizationId) : undefined
  const { programId, period, currency, createdAt } = settlements
  return query(ctx)
    .select({ ...getTableColumns(statements), programId, period, currency, createdAt })
    .from(statements)
    .innerJoin(settlements, eq(settlements.id, statements.settlementId))
    .innerJoin(programs, eq(programs.id, settlements.programId))
    .where(and(where, own, await programsWithinReach(ctx)))
    .orderBy(asc(statements.id))
    .limit(limit)
}
