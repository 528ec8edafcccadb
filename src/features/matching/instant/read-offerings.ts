/** Offerings from the tables themselves: exact and current inside the caller's transaction. */
import { type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../../platform/context.ts'
import { isConfidential } from '../../catalog/confidential.ts'
import type { AddressOf, Visibility } from '../../catalog/location-schemas.ts'
import type { SnapshotNeed } from '../snapshot.ts'
import type { InstantOffering } from './kind-tables.ts'

/**
 * The offerings among these that matching may use in the period, in order of id, as the tables have them now: published,
 * with a capacity account of the period in their unit, and not said to be full. One statement; locks nothing.
 */
export function readOfferings(
  ctx: Context,
  ids: readonly string[],
  period: string,
): Promise<InstantOffering[]> {
  return read(ctx, sql`o.id = any(${sql.param(`{${ids.join(',')}}`)}::uuid[])`, period)
}

/** All offerings of the need's kind, likewise; however far away. */
export function readOfferingsOfKind(
  ctx: Context,
  { category, term }: Pick<SnapshotNeed, 'category' | 'term'>,
  period: string,
): Promise<InstantOffering[]> {
  return read(ctx, sql`s.category = ${category} and s.term = ${term}`, period)
}

type Told = Omit<InstantOffering, 'keptBy'> & { visibility: Visibility | null; addressOf: AddressOf }

async function read(ctx: Context, which: SQL, period: string): Promise<InstantOffering[]> {
  // As one value: the two engines differ in what they give for a bigint.
  const { rows } = (await query(ctx).execute(sql`
    select json_build_object('id', o.id, 'organizationId', o.organization_id, 'sector', g.sector,
      'category', s.category, 'term', s.term, 'tier', o.tier, 'mode', o.mode,
      'point', case when l.latitude is null or l.longitude is null then null
        else json_build_object('latitude', l.latitude, 'longitude', l.longitude) end,
      'serviceAreaIds', o.service_area_ids, 'price', o.price, 'unit', o.unit,
      'staffMinutesPerUnit', o.staff_minutes_per_unit, 'languages', o.languages,
      'caregiverGenders', o.caregiver_genders, 'hours', o.hours, 'eligibility', o.eligibility,
      'capacity', json_build_object('accountId', c.id, 'available', c."limit" - c.held - c.spent, 'limit', c."limit"),
      'staffTime', case when t.id is null or o.staff_minutes_per_unit = 0 then null
        else json_build_object('accountId', t.id, 'available', t."limit" - t.held - t.spent) end,
      'name', s.name, 'visibility', l.visibility, 'addressOf', l.address_of) as offering
    from offerings o
      join services s on s.id = o.service_id
      join organizations g on g.id = o.organization_id
      join locations l on l.id = o.location_id
      join accounts c on c.kind = 'capacity' and c.owner_id = o.id and c.period = ${period} and c.unit = o.unit::text
      left join offering_capacities m on m.offering_id = o.id and m.period = ${period}
      left join accounts t on t.kind = 'staff_time' and t.owner_id = o.organization_id and t.period = ${period}
        and t.unit = 'minute'
    where o.state = 'published' and (m.status is null or m.status not in ('no-capacity', 'waitlist')) and ${which}
    order by o.id`)) as unknown as { rows: { offering: Told }[] }
  return rows.map(({ offering: { visibility, addressOf, ...offering } }) => ({
    ...offering,
    keptBy: isConfidential({ visibility, addressOf }) ? offering.organizationId : null,
  }))
}
