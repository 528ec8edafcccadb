import { and, eq, getTableColumns, inArray, type SQL } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { permit } from '../identity/permissions.ts'
import { organizations } from '../identity/tables.ts'
import { type AssuranceState, assuranceStateAt } from './assurance-schemas.ts'
import { ownRows } from './own-rows.ts'
import { locations, offeringAssurances, offerings, services } from './tables.ts'

type AssuranceRow = typeof offeringAssurances.$inferSelect

/** An offering with what its service says of it, and who verified it. */
export type OfferingDetail = typeof offerings.$inferSelect &
  Pick<typeof services.$inferSelect, 'name' | 'category' | 'term'> & {
    assurance: (AssuranceRow & { assuredByName: string | null; state: AssuranceState }) | null
  }

/** The offerings with these ids, by id; a provider sees its own. Finding ids is the search's work. */
export async function offeringsById(
  ctx: Context,
  ids: readonly string[],
): Promise<Map<string, OfferingDetail>> {
  permit(ctx, 'offering.read')
  if (ids.length === 0) return new Map()
  const where = and(inArray(offerings.id, [...ids]), ownRows(ctx, offerings.organizationId))
  const rows = await select(ctx, where)
  return new Map(rows.map((row) => [row.id, toDetail(row, ctx.clock())]))
}

/** @throws Refusal `not_found`, also for a provider that asks for another's. */
export async function getOffering(ctx: Context, id: string): Promise<OfferingDetail> {
  permit(ctx, 'offering.read')
  const [row] = await select(ctx, and(eq(offerings.id, id), ownRows(ctx, offerings.organizationId)))
  return toDetail(found(row, 'offering'), ctx.clock())
}

type SelectedRow = Awaited<ReturnType<typeof select>>[number]

function toDetail({ assurance, assuredByName, ...row }: SelectedRow, now: Date): OfferingDetail {
  if (!assurance) return { ...row, assurance }
  return { ...row, assurance: { ...assurance, assuredByName, state: assuranceStateAt(assurance, now) } }
}

function select(ctx: Context, where: SQL | undefined) {
  const { name, category, term } = services
  const assurance = getTableColumns(offeringAssurances)
  return query(ctx)
    .select({
      ...getTableColumns(offerings),
      name,
      category,
      term,
      assurance,
      assuredByName: organizations.name,
    })
    .from(offerings)
    .innerJoin(services, eq(services.id, offerings.serviceId))
    .innerJoin(locations, eq(locations.id, offerings.locationId))
    .leftJoin(offeringAssurances, eq(offeringAssurances.offeringId, offerings.id))
    .leftJoin(organizations, eq(organizations.id, offeringAssurances.assuredBy))
    .where(where)
}
