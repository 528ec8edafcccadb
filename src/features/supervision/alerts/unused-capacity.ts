import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutOffering, type Raised } from './alert-scope.ts'
import { instant, lookUp, offeringWithin } from './within-scope.ts'

/** Of the month; what was open for less may still be found. */
const LEAST_PART = 0.5

interface Row {
  offeringId: string
  providerId: string
  places: number
  unit: string
}

/**
 * Offerings that say they have places, and of whose places none was taken in more than half of the month: they may not
 * be there, or nobody knows of them.
 */
export async function findUnusedCapacity(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const [start, end, now] = [instant(scope.start), instant(scope.end), instant(scope.now)]
  const rows = await lookUp<Row>(
    ctx,
    sql`select o.id as "offeringId", o.organization_id as "providerId", c."limit"::float8 as places, o.unit
      from accounts c
        join offerings o on o.id = c.owner_id and o.unit::text = c.unit
        join locations l on l.id = o.location_id
      where c.kind = 'capacity' and c.period = ${scope.period} and c."limit" > 0 and c.held = 0 and c.spent = 0
        and o.state = 'published' and ${offeringWithin(scope)}
        and least(${now}, ${end}) - greatest(${start}, o.created_at) > ${LEAST_PART}::float8 * (${end} - ${start})`,
  )
  return rows.map(({ offeringId, providerId, places, unit }) => ({
    ...aboutOffering(offeringId, providerId),
    figures: { places },
    threshold: { partOfMonth: LEAST_PART },
    sentence: `None of its ${places} places (${unit}) was taken in more than half of the month.`,
  }))
}
