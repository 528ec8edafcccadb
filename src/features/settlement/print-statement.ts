import { eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import type { PageContent } from '../../platform/http/html-page.ts'
import { permit } from '../identity/permissions.ts'
import { organizations } from '../identity/tables.ts'
import { programs } from '../programs/tables.ts'
import { getStatement } from './get-statement.ts'
import { readLines } from './list-statement-lines.ts'
import { statementPage } from './statement-page.ts'
import { settlements } from './tables.ts'

/** Lines that a page shows: some 50 sheets of A4. */
const MOST_LINES = 2000

/**
 * A statement as a page to print.
 * @throws Refusal `not_found` for a statement beyond the actor's reach.
 */
export async function printStatement(ctx: Context, id: string): Promise<PageContent> {
  permit(ctx, 'settlement.read')
  const statement = await getStatement(ctx, id)
  const [of] = await query(ctx)
    .select({ program: programs.name, purchaserId: settlements.organizationId })
    .from(settlements)
    .innerJoin(programs, eq(programs.id, settlements.programId))
    .where(eq(settlements.id, statement.settlementId))
  const names = await namesOf(ctx, [of!.purchaserId, statement.providerId])
  const parties = {
    program: of!.program,
    purchaser: names.get(of!.purchaserId)!,
    provider: names.get(statement.providerId)!,
  }
  const lines = await readLines(ctx, id, MOST_LINES, undefined)
  return statementPage({ statement, parties, lines, timeZone: ctx.timeZone })
}

async function namesOf(ctx: Context, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await query(ctx)
    .select({ id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(inArray(organizations.id, [...ids]))
  return new Map(rows.map(({ id, name }) => [id, name]))
}
