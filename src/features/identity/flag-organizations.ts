import type { Context } from '../../platform/context.ts'
import { dualBodiesAmong } from './bodies.ts'
import type { organizations } from './tables.ts'

export type OrganizationRow = typeof organizations.$inferSelect

/** An organization with the sign that everybody sees: whether its body provides and purchases. */
export type FlaggedOrganization = OrganizationRow & { dualBody: boolean }

/** One statement for any number of organizations. */
export async function flagOrganizations(
  ctx: Context,
  rows: readonly OrganizationRow[],
): Promise<FlaggedOrganization[]> {
  const dual = await dualBodiesAmong(
    ctx,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({ ...row, dualBody: dual.has(row.id) }))
}

export async function flagOrganization(ctx: Context, row: OrganizationRow): Promise<FlaggedOrganization> {
  const [flagged] = await flagOrganizations(ctx, [row])
  return flagged!
}
