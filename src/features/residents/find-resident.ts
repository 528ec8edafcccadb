import { and, eq, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { residents } from './tables.ts'

export type ResidentRow = typeof residents.$inferSelect

/** The condition that keeps an actor to the residents its own app registered; undefined = all, for the system. */
export function ownResidents(ctx: Context): SQL | undefined {
  return ctx.actor.role === SYSTEM.role ? undefined : eq(residents.organizationId, ctx.actor.organizationId)
}

/** @throws Refusal `not_found`, also for another partner's resident. */
export async function findResident(ctx: Context, id: string): Promise<ResidentRow> {
  const [row] = await query(ctx)
    .select()
    .from(residents)
    .where(and(eq(residents.id, id), ownResidents(ctx)))
  return found(row, 'resident')
}
