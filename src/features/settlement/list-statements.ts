import { and, eq, gt } from 'drizzle-orm'
import type { Context } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { getSettlement } from './get-settlement.ts'
import { readStatements, type StatementRow } from './get-statement.ts'
import { statements } from './tables.ts'

/**
 * The statements of a settlement that are within the actor's reach: to a provider, its own.
 * @throws Refusal `not_found` for a settlement beyond the actor's reach.
 */
export async function listStatements(
  ctx: Context,
  settlementId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<StatementRow>> {
  permit(ctx, 'settlement.read')
  await getSettlement(ctx, settlementId)
  const where = and(eq(statements.settlementId, settlementId), cursor ? gt(statements.id, cursor) : undefined)
  return toPage(await readStatements(ctx, where, limit + 1), limit)
}
