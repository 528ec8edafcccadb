import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutProvider, percent, type Raised } from './alert-scope.ts'
import { areaWithin, instant, lookUp } from './within-scope.ts'

/** One delivery in ten that did not happen as it was recorded is no slip of the pen. */
const MOST_SHARE = 0.1
const LEAST_ANNULLED = 3

interface Row {
  providerId: string
  deliveries: number
  annulled: number
}

/** Providers many of whose deliveries of the month were annulled after residents had disputed them. */
export async function findUpheldDisputes(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const annulled = sql`count(*) filter (where d.state = 'annulled')`
  const rows = await lookUp<Row>(
    ctx,
    sql`select f.provider_id as "providerId", count(*)::int as deliveries, (${annulled})::int as annulled
      from deliveries d
        join referrals f on f.id = d.referral_id
        join residents r on r.id = f.resident_id
      where d.delivered_at >= ${instant(scope.start)} and d.delivered_at < ${instant(scope.end)}
        and ${areaWithin(scope, 'r.area_id')}
      group by f.provider_id
      having ${annulled} >= ${LEAST_ANNULLED}::int and ${annulled} >= ${MOST_SHARE}::float8 * count(*)`,
  )
  return rows.map(({ providerId, deliveries, annulled }) => ({
    ...aboutProvider(providerId),
    figures: { deliveries, annulled, share: annulled / deliveries },
    threshold: { share: MOST_SHARE, annulled: LEAST_ANNULLED },
    sentence: `${annulled} of ${deliveries} deliveries were annulled: ${percent(annulled / deliveries)}.`,
  }))
}
