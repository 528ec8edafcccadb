/**
 * The questions of `bench-search` as one SQL statement each: a bounding box and the haversine formula, ILIKE for words
 * (with trigram indexes), the ledger joined, and the same counts by kind over the same rows.
 */
import { type SQL, sql } from 'drizzle-orm'
import { DEFAULT_POLICY } from '../../src/features/policies/default-policy.ts'
import { FACETS } from '../../src/features/search/facet-mixes.ts'
import type { SearchOfferings } from '../../src/features/search/schemas.ts'
import { wordsOf } from '../../src/features/search/text-tokens.ts'
import type { Db } from '../../src/platform/db/client.ts'

export interface SqlAnswer {
  ids: string[]
  total: number
}

const COLUMN = {
  category: sql`s.category::text`,
  tier: sql`o.tier::text`,
  mode: sql`o.mode::text`,
  sector: sql`g.sector::text`,
  priceType: sql`o.price_type::text`,
  term: sql`s.term`,
}

/** The first page, the number of results, and the counts by kind (which are computed and thrown away). */
export async function askSql(db: Db, question: SearchOfferings): Promise<SqlAnswer> {
  const minutes = question.near ? minutesTo(question) : sql`0::float8`
  const is = (facet: (typeof FACETS)[number]) =>
    question[facet] ? sql`${COLUMN[facet]} = ${question[facet]}` : sql`true`
  const all = (without?: string) =>
    sql.join(
      FACETS.filter((facet) => facet !== without).map((facet) => sql`${sql.raw(`"is_${facet}"`)}`),
      sql` and `,
    )
  const counts = FACETS.map(
    (facet) => sql`select ${facet} as facet, ${sql.raw(`"${facet}"`)} as value, count(*)::int as count
      from base where ${all(facet)} group by 2`,
  )
  const columns = FACETS.map(
    (facet) => sql`${COLUMN[facet]} as ${sql.raw(`"${facet}"`)}, ${is(facet)} as ${sql.raw(`"is_${facet}"`)}`,
  )
  const { rows } = (await db.root.execute(sql`
    with base as materialized (
      select * from (
        select o.id, ${minutes} as minutes, ${sql.join(columns, sql`, `)}
        from offerings o join services s on s.id = o.service_id join locations l on l.id = o.location_id
          join organizations g on g.id = o.organization_id
        where ${sql.join(conditions(question), sql` and `)}) as measured
      where minutes <= ${question.minutes ?? 0})
    select (select coalesce(json_agg(id), '[]') from (select id from base where ${all()} order by minutes, id limit 50) p) as ids,
      (select count(*)::int from base where ${all()}) as total,
      (select json_agg(c) from (${sql.join(counts, sql` union all `)}) c) as facets`)) as unknown as {
    rows: [SqlAnswer]
  }
  return rows[0]
}

const EARTH_METERS = 6_371_000

function minutesTo({ near, mobility = 'independent' }: SearchOfferings): SQL {
  const { metersPerSecond, detourFactor } = DEFAULT_POLICY.document.reach
  const speed = sql`case o.mode when 'onsite' then ${metersPerSecond[mobility]}::float8
    when 'home' then ${metersPerSecond.independent}::float8 end`
  const { latitude, longitude } = near!
  return sql`2 * ${EARTH_METERS}::float8 * asin(sqrt(least(1, sin(radians(l.latitude - ${latitude}::float8) / 2) ^ 2
    + cos(radians(${latitude}::float8)) * cos(radians(l.latitude)) * sin(radians(l.longitude - ${longitude}::float8) / 2) ^ 2)))
    * ${detourFactor}::float8 / ${speed} / 60`
}

function conditions(question: SearchOfferings): SQL[] {
  const { near, q, state, maxPrice, language, openAt, freeIn, areaId } = question
  return [
    sql`true`,
    ...(near ? [box(question)] : []),
    ...(q ? wordsOf(q).map(hasWord) : []),
    ...(state ? [sql`o.state = ${state}`] : []),
    ...(maxPrice === undefined ? [] : [sql`o.price <= ${maxPrice}`]),
    ...(language ? [sql`o.languages ? ${language}`] : []),
    // Monday, 10:30 in Taipei; hours in one zone are all that the synthetic city has.
    ...(openAt
      ? [
          sql`exists (select 1 from jsonb_to_recordset(o.hours->'weekly') as h(day text, opens text, closes text)
            where h.day = 'MO' and h.opens <= '10:30' and '10:30' < h.closes)`,
        ]
      : []),
    ...(question.age === undefined ? [] : [isEligible(question.age, question.careLevel ?? 0)]),
    ...(areaId
      ? [
          sql`l.area_id in (with recursive part(id) as (select ${areaId}::uuid union
            select a.id from areas a join part on a.parent_id = part.id) select id from part)`,
        ]
      : []),
    ...(freeIn
      ? [
          sql`exists (select 1 from accounts a where a.kind = 'capacity' and a.owner_id = o.id and a.period = ${freeIn}
            and a.unit = o.unit::text and a."limit" - a.held - a.spent > 0)`,
        ]
      : []),
  ]
}

function box({ near, minutes }: SearchOfferings): SQL {
  const { metersPerSecond, detourFactor } = DEFAULT_POLICY.document.reach
  const high = (minutes! * 60 * metersPerSecond.independent) / detourFactor / 111_000
  const wide = high / Math.cos((near!.latitude * Math.PI) / 180) / 0.999
  return sql`l.latitude between ${near!.latitude - high}::float8 and ${near!.latitude + high}::float8
    and l.longitude between ${near!.longitude - wide}::float8 and ${near!.longitude + wide}::float8
    and o.mode <> 'remote'`
}

/** Near enough to what the index does: it also forgives slips, which ILIKE does not. */
function hasWord(word: string): SQL {
  const pattern = `%${word}%`
  return sql`(s.name ilike ${pattern} or g.name ilike ${pattern} or l.name ilike ${pattern} or l.address ilike ${pattern})`
}

/** The three rules of the synthetic city, told apart by their facts: PostgreSQL has no evaluator of ours. */
function isEligible(age: number, careLevel: number): SQL {
  return sql`(o.eligibility is null or (o.eligibility->>'fact' = 'age' and ${age} >= 65)
    or (o.eligibility ? 'all' and ${age} >= 55 and ${careLevel} >= 2))`
}
