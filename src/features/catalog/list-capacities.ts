import { and, asc, eq, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { accounts } from '../../platform/ledger/tables.ts'
import { permit } from '../identity/permissions.ts'
import { getOffering } from './get-offering.ts'
import { offeringCapacities, offerings } from './tables.ts'

/**
 * The months of an offering, in order.
 * @throws Refusal `not_found`, also for a provider that asks for another's.
 */
export async function listCapacities(ctx: Context, offeringId: string): Promise<CapacityRow[]> {
  permit(ctx, 'offering.read')
  await getOffering(ctx, offeringId)
  return selectCapacities(ctx, offeringId)
}

export type CapacityRow = Awaited<ReturnType<typeof selectCapacities>>[number]

/** A month whose account is older than what is said of months was opened with all of its units, to be booked. */
export function selectCapacities(ctx: Context, offeringId: string, period?: string) {
  const said = offeringCapacities
  return query(ctx)
    .select({
      id: accounts.id,
      period: accounts.period,
      limit: accounts.limit,
      held: accounts.held,
      spent: accounts.spent,
      maximum: sql<number>`coalesce(${said.maximum}, ${accounts.limit})`.mapWith(Number),
      funded: said.funded,
      status: sql<typeof said.$inferSelect.status>`coalesce(${said.status}, 'capacity')`,
      updatedAt: sql<Date>`coalesce(${said.updatedAt}, ${offerings.createdAt})`.mapWith(offerings.createdAt),
    })
    .from(accounts)
    .innerJoin(
      offerings,
      and(eq(offerings.id, accounts.ownerId), eq(sql`${offerings.unit}::text`, accounts.unit)),
    )
    .leftJoin(said, and(eq(said.offeringId, offerings.id), eq(said.period, accounts.period)))
    .where(
      and(
        eq(accounts.kind, 'capacity'),
        eq(accounts.ownerId, offeringId),
        period ? eq(accounts.period, period) : undefined,
      ),
    )
    .orderBy(asc(accounts.period))
}
