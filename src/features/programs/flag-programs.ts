import type { Context } from '../../platform/context.ts'
import { dualBodiesAmong } from '../identity/bodies.ts'
import type { programs } from './tables.ts'

/** A program with the sign that everybody sees: whose body purchases here also provides. */
export type FlaggedProgram = typeof programs.$inferSelect & { dualBody: boolean }

/** One statement for any number of programs. */
export async function flagPrograms(
  ctx: Context,
  rows: readonly (typeof programs.$inferSelect)[],
): Promise<FlaggedProgram[]> {
  const dual = await dualBodiesAmong(
    ctx,
    rows.map(({ organizationId }) => organizationId),
  )
  return rows.map((row) => ({ ...row, dualBody: dual.has(row.organizationId) }))
}

export async function flagProgram(ctx: Context, row: typeof programs.$inferSelect): Promise<FlaggedProgram> {
  const [flagged] = await flagPrograms(ctx, [row])
  return flagged!
}
