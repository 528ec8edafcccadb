import { and, eq, type SQL } from 'drizzle-orm'
import type { Context, TransactionContext } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { areasWithinReach } from './offering-reach.ts'
import { ownRows } from './own-rows.ts'
import { locations, offerings, services } from './tables.ts'

export type LockedOffering = Awaited<ReturnType<typeof lockOwnOffering>>

/**
 * The offering, locked until the transaction ends: for those who change it.
 * @throws Refusal `not_found`, also for a provider's request for another's.
 */
export async function lockOwnOffering(ctx: TransactionContext, offeringId: string) {
  return lock(ctx, and(eq(offerings.id, offeringId), ownRows(ctx, offerings.organizationId)))
}

/**
 * The same for those who look after an area.
 * @throws Refusal `not_found`, also for an offering that serves no part of it.
 */
export async function lockOfferingWithinReach(ctx: TransactionContext, offeringId: string) {
  return lock(ctx, and(eq(offerings.id, offeringId), await areasWithinReach(ctx)))
}

async function lock(ctx: Context & TransactionContext, where: SQL | undefined) {
  const [row] = await ctx.tx
    .select({ offering: offerings, service: services })
    .from(offerings)
    .innerJoin(services, eq(services.id, offerings.serviceId))
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .where(where)
    .for('update', { of: offerings })
  const { offering, service } = found(row, 'offering')
  const { name, category, term } = service
  return { ...offering, name, category, term }
}
