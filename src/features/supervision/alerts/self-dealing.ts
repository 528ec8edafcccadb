import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutProvider, type Raised } from './alert-scope.ts'
import { areaWithin, lookUp } from './within-scope.ts'

interface Row {
  programId: string
  providerId: string
  matches: number
  subsidy: number
}

/** Providers that programs of their own body pay: allowed with a second body's approval, and looked at from the first. */
export async function findSelfDealing(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const rows = await lookUp<Row>(
    ctx,
    sql`select p.id as "programId", o.organization_id as "providerId", count(*)::int as matches,
        sum(m.subsidy)::float8 as subsidy
      from programs p
        join matches m on m.program_id = p.id and m.state = 'approved' and m.subsidy > 0
        join offerings o on o.id = m.offering_id
        join organizations seller on seller.id = o.organization_id
        join organizations buyer on buyer.id = p.organization_id
      where p.period = ${scope.period} and ${areaWithin(scope, 'p.area_id')}
        and coalesce(seller.body_id, seller.id) = coalesce(buyer.body_id, buyer.id)
      group by p.id, o.organization_id`,
  )
  return rows.map(({ programId, providerId, matches, subsidy }) => ({
    ...aboutProvider(providerId, programId),
    figures: { matches, subsidy },
    threshold: { matches: 1 },
    sentence: `A program of its own body pays ${subsidy} for ${matches} of its matches.`,
  }))
}
