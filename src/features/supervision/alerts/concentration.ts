import { sql } from 'drizzle-orm'
import type { Context } from '../../../platform/context.ts'
import { type AlertScope, aboutProvider, percent, type Raised } from './alert-scope.ts'
import { areaWithin, lookUp } from './within-scope.ts'

/** More than half of a fund is a majority: what the others do hardly matters then. */
const MOST_SHARE = 0.5
/** With two that are able, one of them has half at least. */
const LEAST_ABLE = 3
/** Above this a market is highly concentrated (US Department of Justice, Horizontal Merger Guidelines 2010, 5.3). */
const MOST_HHI = 2500
/** Four equal shares make 2,500 already. */
const LEAST_ABLE_FOR_HHI = 5
/** Of fewer matches, shares are chance. */
const LEAST_MATCHES = 5

interface Share {
  programId: string
  providerId: string
  subsidy: number
  matches: number
  /** Providers that publish what the program pays for, where it pays. */
  able: number
}

/** Programs of the month whose subsidy goes to few of those who could have it. */
export async function findConcentrations(ctx: Context, scope: AlertScope): Promise<Raised[]> {
  const rows = await lookUp<Share>(
    ctx,
    sql`with recursive chosen as (
        select p.id, p.area_id, p.categories, p.tiers from programs p
        where p.period = ${scope.period} and p.state in ('open', 'frozen', 'closed')
          and ${areaWithin(scope, 'p.area_id')}),
      below(program_id, area_id) as (
        select id, area_id from chosen
        union select b.program_id, a.id from areas a join below b on a.parent_id = b.area_id),
      above(program_id, area_id) as (
        select id, area_id from chosen
        union select u.program_id, a.parent_id from above u join areas a on a.id = u.area_id
          where a.parent_id is not null),
      able as (
        select c.id as program_id, count(distinct o.organization_id)::int as able
        from chosen c
          join services s on c.categories ? s.category::text
          join offerings o on o.service_id = s.id and o.state = 'published' and c.tiers ? o.tier::text
          join locations l on l.id = o.location_id
        where exists (select from below b where b.program_id = c.id and b.area_id = l.area_id)
          or exists (select from jsonb_array_elements_text(o.service_area_ids) as served(id)
            join (select * from below union select * from above) near on near.area_id::text = served.id
            where near.program_id = c.id)
          or o.mode = 'remote' and o.service_area_ids = '[]'::jsonb
        group by c.id)
      select c.id as "programId", o.organization_id as "providerId", sum(m.subsidy)::float8 as subsidy,
        count(*)::int as matches, coalesce(max(able.able), 0) as able
      from chosen c
        join matches m on m.program_id = c.id and m.state = 'approved' and m.subsidy > 0
        join offerings o on o.id = m.offering_id
        left join able on able.program_id = c.id
      group by c.id, o.organization_id`,
  )
  const byProgram = new Map<string, Share[]>()
  for (const row of rows) byProgram.set(row.programId, [...(byProgram.get(row.programId) ?? []), row])
  return [...byProgram].flatMap(([programId, shares]) => judgeShares(programId, shares))
}

/** What the shares of one program give rise to. */
export function judgeShares(programId: string, shares: readonly Omit<Share, 'programId'>[]): Raised[] {
  const total = shares.reduce((sum, { subsidy }) => sum + subsidy, 0)
  const matches = shares.reduce((sum, one) => sum + one.matches, 0)
  if (matches < LEAST_MATCHES) return []
  const able = Math.max(shares.length, ...shares.map((one) => one.able))
  const hhi = shares.reduce((sum, { subsidy }) => sum + (100 * subsidy) ** 2, 0) / total ** 2
  const majority = shares.filter(({ subsidy }) => subsidy > MOST_SHARE * total)
  const raised: Raised[] = []
  for (const { providerId, subsidy } of able >= LEAST_ABLE ? majority : []) {
    raised.push({
      ...aboutProvider(providerId, programId),
      figures: { subsidy, total, share: subsidy / total, able },
      threshold: { share: MOST_SHARE, able: LEAST_ABLE, matches: LEAST_MATCHES },
      sentence: `It gets ${percent(subsidy / total)} of what a program pays; ${able} providers could serve it.`,
    })
  }
  if (able >= LEAST_ABLE_FOR_HHI && hhi > MOST_HHI) {
    raised.push({
      subjectKind: 'program',
      subjectId: programId,
      offeringId: null,
      providerId: null,
      programId,
      figures: { hhi, total, able },
      threshold: { hhi: MOST_HHI, able: LEAST_ABLE_FOR_HHI, matches: LEAST_MATCHES },
      sentence: `The shares of its providers make a concentration of ${Math.floor(hhi)}; ${able} could serve it.`,
    })
  }
  return raised
}
