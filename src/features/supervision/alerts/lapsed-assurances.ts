import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutOffering, type Raised } from './alert-scope.ts'
import { instant, lookUp, offeringWithin } from './within-scope.ts'

interface Row {
  offeringId: string
  providerId: string
  days: number
}

/** Offerings whose last verification holds no longer, by the end of the month or by now. */
export async function findLapsedAssurances(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const until = sql`least(${instant(scope.now)}, ${instant(scope.end)})`
  const rows = await lookUp<Row>(
    ctx,
    sql`select o.id as "offeringId", o.organization_id as "providerId",
        floor(extract(epoch from ${until} - a.lapses_at) / 86400)::int as days
      from offering_assurances a
        join offerings o on o.id = a.offering_id
        join locations l on l.id = o.location_id
      where a.lapses_at <= ${until} and o.state <> 'withdrawn' and ${offeringWithin(scope)}`,
  )
  return rows.map(({ offeringId, providerId, days }) => ({
    ...aboutOffering(offeringId, providerId),
    figures: { days },
    threshold: { days: 0 },
    sentence: `Its assurance lapsed ${days} days ago.`,
  }))
}
