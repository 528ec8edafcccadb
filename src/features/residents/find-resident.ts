import { and, eq, isNull, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { SYSTEM } from '../identity/permissions.ts'
import { residents } from './tables.ts'

type StoredResident = typeof residents.$inferSelect
type Told = 'referenceHash' | 'referenceSealed' | 'latitude' | 'longitude'

/** A resident whose facts are there: what is null only after an erasure is not. */
export type ResidentRow = {
  [Name in keyof StoredResident]: Name extends Told ? NonNullable<StoredResident[Name]> : StoredResident[Name]
}

/** The condition that keeps an actor to the residents its own app registered, the system to all; the erased are gone. */
export function ownResidents(ctx: Context): SQL | undefined {
  const isOwn =
    ctx.actor.role === SYSTEM.role ? undefined : eq(residents.organizationId, ctx.actor.organizationId)
  return and(isNull(residents.erasedAt), isOwn)
}

/** @throws Refusal `not_found`, also for another partner's resident. */
export async function findResident(ctx: Context, id: string): Promise<ResidentRow> {
  const [row] = await query(ctx)
    .select()
    .from(residents)
    .where(and(eq(residents.id, id), ownResidents(ctx)))
  return found(row, 'resident') as ResidentRow
}
