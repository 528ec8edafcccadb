import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { getStatement } from './get-statement.ts'
import { statementLines } from './tables.ts'

export type LineRow = typeof statementLines.$inferSelect

/**
 * The lines of a statement, in the order of its deliveries, its corrections after them.
 * @throws Refusal `not_found` for a statement beyond the actor's reach.
 */
export async function listStatementLines(
  ctx: Context,
  statementId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<LineRow>> {
  permit(ctx, 'settlement.read')
  await getStatement(ctx, statementId)
  return toPage(await readLines(ctx, statementId, limit + 1, cursor), limit)
}

/** Lines after another one; the statement is within reach. */
export function readLines(
  ctx: Context,
  statementId: string,
  limit: number,
  after: string | undefined,
): Promise<LineRow[]> {
  return query(ctx)
    .select()
    .from(statementLines)
    .where(and(eq(statementLines.statementId, statementId), after ? gt(statementLines.id, after) : undefined))
    .orderBy(asc(statementLines.id))
    .limit(limit)
}
