import { and, asc, eq, gt } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { type Page, toPage } from '../../platform/http/paging.ts'
import { permit } from '../identity/permissions.ts'
import { type FlaggedProgram, flagPrograms } from './flag-programs.ts'
import { programsWithinReach } from './get-program.ts'
import type { ProgramsQuery } from './schemas.ts'
import { programs } from './tables.ts'

/** Programs within the actor's reach, in order of creation. */
export async function listPrograms(
  ctx: Context,
  { limit, cursor, areaId, period, state }: ProgramsQuery,
): Promise<Page<FlaggedProgram>> {
  permit(ctx, 'program.read')
  const rows = await query(ctx)
    .select()
    .from(programs)
    .where(
      and(
        cursor ? gt(programs.id, cursor) : undefined,
        areaId ? eq(programs.areaId, areaId) : undefined,
        period ? eq(programs.period, period) : undefined,
        state ? eq(programs.state, state) : undefined,
        await programsWithinReach(ctx),
      ),
    )
    .orderBy(asc(programs.id))
    .limit(limit + 1)
  const { items, nextCursor } = toPage(rows, limit)
  return { items: await flagPrograms(ctx, items), nextCursor }
}
