import { and, eq, inArray, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { permit } from '../identity/permissions.ts'
import type { ProgramRow } from './create-program.ts'
import { programs } from './tables.ts'

/** @throws Refusal `not_found`, also for a program beyond the actor's reach. */
export async function getProgram(ctx: Context, id: string): Promise<ProgramRow> {
  permit(ctx, 'program.read')
  return reachProgram(ctx, id)
}

/** The program, if the actor may see it; in a transaction, locked until it ends. */
export async function reachProgram(ctx: Context, id: string): Promise<ProgramRow> {
  const wanted = query(ctx)
    .select()
    .from(programs)
    .where(and(eq(programs.id, id), await programsWithinReach(ctx)))
  const [row] = await (ctx.tx ? wanted.for('update') : wanted)
  return found(row, 'program')
}

/** Purchasers reach their own organization's programs; purchasers and supervisors, those of their area. */
export async function programsWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, organizationId, areaId } = ctx.actor
  return and(
    role.startsWith('purchaser') ? eq(programs.organizationId, organizationId) : undefined,
    areaId ? inArray(programs.areaId, await areaSubtree(ctx, areaId)) : undefined,
  )
}
