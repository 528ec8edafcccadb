import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, type PageQuery, toPage } from '../../platform/http/paging.ts'
import type { AmendmentRow } from './amend-program.ts'
import { getProgram } from './get-program.ts'
import { programAmendments } from './tables.ts'

/**
 * What was changed of a program's budget, the first change first.
 * @throws Refusal `not_found` for a program beyond the actor's reach.
 */
export async function listAmendments(
  ctx: Context,
  programId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<AmendmentRow>> {
  await getProgram(ctx, programId)
  const { id } = programAmendments
  const rows = await query(ctx)
    .select()
    .from(programAmendments)
    .where(and(eq(programAmendments.programId, programId), cursor ? gt(id, cursor) : undefined))
    .orderBy(asc(id))
    .limit(limit + 1)
  return toPage(rows, limit)
}
