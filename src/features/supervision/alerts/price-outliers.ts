import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutOffering, type Raised } from './alert-scope.ts'
import { lookUp, offeringWithin } from './within-scope.ts'

/** Of fewer, the middle says nothing. */
const LEAST_PEERS = 5
/**
 * How many robust standard deviations above the median a price must lie (the modified z-score of Iglewicz and Hoaglin
 * with the usual three of a normal distribution): an outlier does not hide itself by pulling at the measure.
 */
const DEVIATIONS = 3
/** The median absolute deviation of a normal distribution, times this, is its standard deviation. */
const NORMAL_MAD = 1.4826
/** Where nearly all ask the same, a few cents more are no matter. */
const LEAST_RATIO = 1.25

interface Row {
  offeringId: string
  providerId: string
  price: number
  unit: string
  median: number
  spread: number
  peers: number
}

/**
 * Offerings whose price lies far above what others ask for a unit of the same. Compared are all that are published and
 * not free, wherever they are: a small area alone has no market.
 */
export async function findPriceOutliers(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const rows = await lookUp<Row>(
    ctx,
    sql`with priced as (
        select o.id, s.category, s.term, o.unit, o.price::float8 as price
        from offerings o join services s on s.id = o.service_id
        where o.state = 'published' and o.price > 0),
      middles as (
        select category, term, unit, count(*)::int as peers,
          percentile_cont(0.5) within group (order by price) as median
        from priced group by category, term, unit having count(*) >= ${LEAST_PEERS}::int),
      spreads as (
        select category, term, unit, peers, median,
          percentile_cont(0.5) within group (order by abs(price - median)) * ${NORMAL_MAD}::float8 as spread
        from priced join middles using (category, term, unit)
        group by category, term, unit, peers, median)
      select o.id as "offeringId", o.organization_id as "providerId", p.price, o.unit, m.median, m.spread, m.peers
      from priced p
        join spreads m using (category, term, unit)
        join offerings o on o.id = p.id
        join locations l on l.id = o.location_id
      where p.price > m.median + ${DEVIATIONS}::float8 * m.spread and p.price >= ${LEAST_RATIO}::float8 * m.median
        and ${offeringWithin(scope)}`,
  )
  return rows.map(({ offeringId, providerId, price, unit, median, spread, peers }) => ({
    ...aboutOffering(offeringId, providerId),
    figures: { price, median, spread, peers },
    threshold: { deviations: DEVIATIONS, ratio: LEAST_RATIO, peers: LEAST_PEERS },
    sentence: `It asks ${price} a ${unit}; the median of ${peers} offerings of the same is ${median}.`,
  }))
}
