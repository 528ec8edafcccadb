import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutOffering, type Raised } from './alert-scope.ts'
import { areaWithin, instant, lookUp } from './within-scope.ts'

interface Row {
  offeringId: string
  providerId: string
  deliveries: number
  missing: number
}

/**
 * Offerings with deliveries of the month that came faster than possible: to one resident, so many units in less time
 * since the start or the delivery before than their staff minutes take. Annulled ones are settled already.
 */
export async function findFastDeliveries(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const [start, end] = [instant(scope.start), instant(scope.end)]
  const rows = await lookUp<Row>(
    ctx,
    sql`select "offeringId", "providerId", count(*)::int as deliveries, ceil(max(needed - taken))::int as missing
      from (select m.offering_id as "offeringId", f.provider_id as "providerId", d.delivered_at,
          d.units::float8 * o.staff_minutes_per_unit as needed,
          extract(epoch from d.delivered_at - coalesce(
            lag(d.delivered_at) over (partition by d.referral_id order by d.delivered_at, d.id),
            f.started_at, f.created_at))::float8 / 60 as taken
        from deliveries d
          join referrals f on f.id = d.referral_id
          join matches m on m.id = f.match_id
          join offerings o on o.id = m.offering_id
          join residents r on r.id = f.resident_id
        where d.state <> 'annulled' and ${areaWithin(scope, 'r.area_id')} and d.referral_id in (
          select referral_id from deliveries where delivered_at >= ${start} and delivered_at < ${end})) as paced
      where needed > taken and delivered_at >= ${start} and delivered_at < ${end}
      group by "offeringId", "providerId"`,
  )
  return rows.map(({ offeringId, providerId, deliveries, missing }) => ({
    ...aboutOffering(offeringId, providerId),
    figures: { deliveries, missingMinutes: missing },
    threshold: { missingMinutes: 0 },
    sentence: `${deliveries} deliveries came faster than their staff minutes allow, by ${missing} minutes at most.`,
  }))
}
