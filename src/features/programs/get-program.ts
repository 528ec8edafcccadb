import { and, eq, inArray, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { ownOrSeconded } from '../identity/bodies.ts'
import { permit } from '../identity/permissions.ts'
import type { ProgramRow } from './create-program.ts'
import { type FlaggedProgram, flagProgram } from './flag-programs.ts'
import { programs } from './tables.ts'

/** @throws Refusal `not_found`, also for a program beyond the actor's reach. */
export async function getProgram(ctx: Context, id: string): Promise<FlaggedProgram> {
  permit(ctx, 'program.read')
  return flagProgram(ctx, await reachProgram(ctx, id))
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

/** Purchasers reach the programs of their own organization and of those they are the second body of; purchasers and supervisors, those of their area. */
export async function programsWithinReach(ctx: Context): Promise<SQL | undefined> {
  const { role, areaId } = ctx.actor
  return and(
    role.startsWith('purchaser') ? ownOrSeconded(ctx.actor, programs.organizationId) : undefined,
    areaId ? inArray(programs.areaId, await areaSubtree(ctx, areaId)) : undefined,
  )
}
