import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutProvider, percent, type Raised } from './alert-scope.ts'
import { areaWithin, instant, lookUp } from './within-scope.ts'

/** One in five: no law, a convention. What is usual differs from service to service. */
const MOST_SHARE = 0.2
/** Of fewer, the share is chance. */
const LEAST_MISSED = 5

interface Row {
  providerId: string
  ended: number
  missed: number
}

/** Providers many of whose referrals of the month ended because somebody did not come or could not be reached. */
export async function findNoShows(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const missed = sql`count(*) filter (where f.status = 'failed' and f.status_reason in ('no_show', 'no_contact'))`
  const rows = await lookUp<Row>(
    ctx,
    sql`select f.provider_id as "providerId", count(*)::int as ended, (${missed})::int as missed
      from referrals f join residents r on r.id = f.resident_id
      where f.status in ('completed', 'failed') and ${areaWithin(scope, 'r.area_id')}
        and f.changed_at >= ${instant(scope.start)} and f.changed_at < ${instant(scope.end)}
      group by f.provider_id
      having ${missed} >= ${LEAST_MISSED}::int and ${missed} >= ${MOST_SHARE}::float8 * count(*)`,
  )
  return rows.map(({ providerId, ended, missed }) => ({
    ...aboutProvider(providerId),
    figures: { ended, missed, share: missed / ended },
    threshold: { share: MOST_SHARE, missed: LEAST_MISSED },
    sentence: `${missed} of ${ended} referrals that ended were missed: ${percent(missed / ended)}.`,
  }))
}
