/**
 * The question of `bench-options` as one SQL statement: reach with PostGIS on an indexed geography (without it, a box on
 * an index of coordinates), eligibility rules, refusals and hours, places and staff time, every program's split, and the
 * utility of the default policy, in order.
 */
import type { Pool } from 'pg'
import { DEFAULT_POLICY } from '../../src/features/policies/default-policy.ts'
import { NOW } from './options-world.ts'

const { tierWeights, urgency, suitability, reach, optionsPerNeed } = DEFAULT_POLICY.document

export interface SqlOption {
  offeringId: string
  programId: string | null
  utility: number
}

export interface SqlQuestion {
  /** What finds the places near somebody. */
  by: 'PostGIS' | 'a box on an index of coordinates'
  ask(needId: string): Promise<SqlOption[]>
}

/** Rules are data, so PostgreSQL needs an evaluator too: null = unknown, as in its own logic. */
const RULE_VERDICT = `
create or replace function rule_verdict(rule jsonb, facts jsonb) returns boolean language plpgsql immutable as $$
declare
  part jsonb;
  verdict boolean;
  answer boolean := true;
begin
  if rule ? 'all' then
    for part in select value from jsonb_array_elements(rule->'all') loop answer := answer and rule_verdict(part, facts); end loop;
    return answer;
  elsif rule ? 'any' then
    answer := false;
    for part in select value from jsonb_array_elements(rule->'any') loop answer := answer or rule_verdict(part, facts); end loop;
    return answer;
  elsif rule ? 'not' then
    return not rule_verdict(rule->'not', facts);
  elsif not facts ? (rule->>'fact') then
    return null;
  end if;
  return case rule->>'op'
    when 'eq' then facts->(rule->>'fact') = rule->'value'
    when 'ne' then facts->(rule->>'fact') <> rule->'value'
    when 'in' then rule->'value' @> (facts->(rule->>'fact'))
    when 'lt' then (facts->>(rule->>'fact'))::float8 < (rule->>'value')::float8
    when 'lte' then (facts->>(rule->>'fact'))::float8 <= (rule->>'value')::float8
    when 'gt' then (facts->>(rule->>'fact'))::float8 > (rule->>'value')::float8
    when 'gte' then (facts->>(rule->>'fact'))::float8 >= (rule->>'value')::float8 end;
end $$`

/** Makes what the statement needs in the database: indexes, PostGIS where the server has it, and the rules' evaluator. */
export async function prepareSql(pool: Pool): Promise<SqlQuestion> {
  const { rows } = await pool.query("select 1 from pg_available_extensions where name = 'postgis'")
  const hasPostgis = rows.length > 0
  await pool.query(RULE_VERDICT)
  await pool.query('create index bench_services_kind on services (category, term)')
  if (hasPostgis) {
    await pool.query('create extension if not exists postgis')
    await pool.query('alter table locations add column bench_place geography(point)')
    await pool.query('update locations set bench_place = st_makepoint(longitude, latitude)::geography')
    await pool.query('create index bench_locations_place on locations using gist (bench_place)')
  } else {
    await pool.query('create index bench_locations_point on locations (latitude, longitude)')
  }
  await pool.query('vacuum analyze')
  const text = statement(hasPostgis)
  return {
    by: hasPostgis ? 'PostGIS' : 'a box on an index of coordinates',
    async ask(needId) {
      const found = await pool.query<SqlOption>({ name: 'options', text, values: [needId, NOW] })
      return found.rows
    },
  }
}

const { independent, slow, homebound } = reach.metersPerSecond
const { detourFactor } = reach

/** A little more than the circle: distances on the globe's own shape and on a sphere differ. */
const near = (hasPostgis: boolean, meters: string) =>
  hasPostgis
    ? `st_dwithin(l.bench_place, a.place, ${meters} * 1.01)`
    : `l.latitude between a.latitude - ${meters} / 111000 and a.latitude + ${meters} / 111000
      and l.longitude between a.longitude - ${meters} / 111000 / cos(radians(a.latitude)) / 0.99
        and a.longitude + ${meters} / 111000 / cos(radians(a.latitude)) / 0.99`

const weightOf = (column: string) =>
  `case ${column} ${Object.entries(tierWeights)
    .map(([tier, weight]) => `when '${tier}' then ${weight}`)
    .join(' ')} end`

/** As the engine rounds: halves upwards. */
const rounded = (value: string) => `floor(${value} + 0.5)`

function statement(hasPostgis: boolean): string {
  const place = hasPostgis ? ', st_makepoint(r.longitude, r.latitude)::geography as place' : ''
  const columns = `o.id, o.organization_id, o.tier, o.mode, o.unit, o.price, o.staff_minutes_per_unit, o.languages,
    o.caregiver_genders, o.hours, o.eligibility`
  const offered = `from a join services s on s.category = a.category and s.term = a.term
      join offerings o on o.service_id = s.id and o.state = 'published'`
  const walk = (mode: string, speed: string, most: string) => `
    select ${columns}, 2 * 6371000 * asin(sqrt(least(1, sin(radians(l.latitude - a.latitude) / 2) ^ 2
        + cos(radians(a.latitude)) * cos(radians(l.latitude)) * sin(radians(l.longitude - a.longitude) / 2) ^ 2)))
        * ${detourFactor} / (${speed}) / 60 as minutes, (${most})::float8 as most
      ${offered} join locations l on l.id = o.location_id
      where a.located and o.mode = '${mode}' and o.service_area_ids = '[]'
        and ${near(hasPostgis, `((${most}) * 60 * (${speed}) / ${detourFactor} + 2)`)}`
  const speed = `case coalesce(a.facts->>'mobility', 'independent') when 'slow' then ${slow} when 'homebound' then ${homebound} else ${independent} end`
  return `
with recursive a as materialized (
  select n.*, r.id as resident, r.area_id, r.latitude, r.longitude${place}, c.covered ? 'location' as located,
    case when c.covered ? 'languages' then r.languages else '[]' end as spoken,
    jsonb_strip_nulls(jsonb_build_object(
      'age', case when c.covered ? 'birth_year' then left(n.period, 4)::int - r.birth_year end,
      'mobility', case when c.covered ? 'mobility' then r.mobility end,
      'incomeClass', case when c.covered ? 'income_class' then r.income_class end,
      'livesAlone', case when c.covered ? 'lives_alone' then r.lives_alone end,
      'careLevel', case when c.covered ? 'care_level' then (select max(v.level) from jsonb_to_recordset(r.assessments)
        as v(level int, "validUntil" text) where v."validUntil" is null or v."validUntil" >= left($2::timestamptz::text, 10)) end)) as facts,
    coalesce((select w."limit" - w.held - w.spent from accounts w where w.kind = 'wallet' and w.owner_id = r.id
      and w.period = n.period and w.unit = 'TWD'), 0) as wallet
  from needs n join residents r on r.id = n.resident_id
  cross join lateral (select coalesce(jsonb_agg(distinct f), '[]') as covered from consents k, jsonb_array_elements(k.facts) f
    where k.resident_id = r.id and k.purpose = 'matching' and (k.recipient_id is null or k.recipient_id = r.organization_id)
      and k.given_at <= $2 and (k.expires_at is null or $2 < k.expires_at)
      and (k.withdrawn_at is null or $2 < k.withdrawn_at)) c
  where n.id = $1),
around as (
  select area_id as id from a union all select p.parent_id from areas p join around on p.id = around.id where p.parent_id is not null),
ids as materialized (select array_agg(id::text) as areas from around),
paying as materialized (
  select p.id, p.subsidy_share, p.unit_cap, f."limit" - f.held - f.spent as left_in_fund,
    case when p.resident_cap is not null then greatest(0, p.resident_cap - coalesce((select d.held + d.spent from accounts d
      where d.kind = 'subsidy_cap' and d.period = p.period and d.owner_id = (select (substr(hex, 1, 12) || '8' || substr(hex, 14, 3)
        || translate(substr(hex, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab') || substr(hex, 18, 15))::uuid
        from (select encode(sha256(convert_to('subsidy_cap ' || p.id || ' ' || a.resident, 'UTF8')), 'hex') as hex) h)), 0)) end as cap
  from a cross join programs p join accounts f on f.id = p.fund_account_id
  where p.state = 'open' and p.period = a.period and p.area_id in (select id from around)
    and p.categories ? a.category::text and p.tiers ? a.tier::text
    and (p.eligibility is null or rule_verdict(p.eligibility, a.facts))),
reached as (
  ${walk('onsite', speed, `coalesce(a.max_walking_minutes, ${reach.onsiteMinutes})`)}
  union all ${walk('home', String(independent), String(reach.homeMinutes))}
  union all select ${columns}, null, null ${offered}, ids where o.service_area_ids ?| ids.areas
  union all select ${columns}, null, null ${offered} where o.mode = 'remote' and o.service_area_ids = '[]'),
rules as materialized (select rule, rule_verdict(rule, a.facts) as verdict
  from (select distinct eligibility as rule from reached where eligibility is not null) d, a),
served as (
  select o.*, g.sector from reached o cross join a join organizations g on g.id = o.organization_id
    join accounts c on c.kind = 'capacity' and c.owner_id = o.id and c.period = a.period and c.unit = o.unit::text
    left join offering_capacities m on m.offering_id = o.id and m.period = a.period
    left join accounts t on t.kind = 'staff_time' and t.owner_id = o.organization_id and t.period = a.period
      and t.unit = 'minute' and o.staff_minutes_per_unit > 0
    left join rules on rules.rule = o.eligibility
  where (o.minutes is null or o.minutes <= o.most) and (a.unit is null or a.unit = o.unit)
    and (o.eligibility is null or rules.verdict)
    and not coalesce(a.refusals->'sectors' ? g.sector::text, false)
    and not coalesce(a.refusals->'organizationIds' ? o.organization_id::text, false)
    and not coalesce(a.refusals->'offeringIds' ? o.id::text, false)
    and (a.refusals->'caregiverGenders' is null or o.caregiver_genders = '[]'
      or not o.caregiver_genders <@ (a.refusals->'caregiverGenders'))
    and (a.acceptable_hours is null or o.hours is null or exists (
      select 1 from jsonb_to_recordset(a.acceptable_hours) as x(day text, opens text, closes text)
        join jsonb_to_recordset(o.hours->'weekly') as y(day text, opens text, closes text) using (day)
      where least(x.closes, y.closes) > greatest(x.opens, y.opens)
        and least(x.closes, y.closes)::time - greatest(x.opens, y.opens)::time
          >= greatest(1, o.staff_minutes_per_unit) * interval '1 minute'))
    and (m.status is null or m.status not in ('no-capacity', 'waitlist'))
    and c."limit" - c.held - c.spent >= a.quantity
    and (t.id is null or t."limit" - t.held - t.spent >= a.quantity * o.staff_minutes_per_unit)),
planned as (
  select o.*, a.quantity * o.price as whole, null::uuid as program, a.quantity * o.price as own from served o cross join a
    where a.quantity * o.price <= a.wallet
  union all
  select o.*, a.quantity * o.price, p.id, a.quantity * o.price - split.subsidy from served o cross join a cross join paying p
    cross join lateral (select least((a.quantity * o.price * p.subsidy_share + 5000) / 10000,
      coalesce(p.unit_cap * a.quantity, a.quantity * o.price), coalesce(p.cap, a.quantity * o.price)) as subsidy) split
    where o.price > 0 and split.subsidy > 0 and a.quantity * o.price - split.subsidy <= a.wallet
      and split.subsidy <= p.left_in_fund)
select o.id as "offeringId", o.program as "programId",
  (${weightOf('a.tier')} * (100 + least(${urgency.waitingCap}, greatest(0, extract(epoch from $2 - a.waiting_since))::bigint / 604800 * ${urgency.waitingPerWeek})
      + coalesce((a.facts->>'careLevel')::int, 0) * ${urgency.perCareLevel})
    * (${suitability.base}
      + ${rounded(`${suitability.walking} * coalesce(1 - o.minutes / o.most, 1)`)}
      + case when o.tier = a.tier then ${suitability.tierFit} else 0 end
      + case when case when a.preferences ? 'language' then o.languages ? (a.preferences->>'language')
          else o.languages ?| array(select jsonb_array_elements_text(a.spoken)) end then ${suitability.language} else 0 end
      + ${rounded(`${suitability.affordability} * (1 - case when o.whole = 0 then 0 else o.own::float8 / o.whole end)`)}
      + case when o.caregiver_genders ? (a.preferences->>'caregiverGender') then ${suitability.caregiverGender ?? 0} else 0 end
      + case when o.sector::text = a.preferences->>'sector' then ${suitability.sector ?? 0} else 0 end))::float8 as utility
from planned o cross join a
order by 3 desc, o.own, o.id, o.program nulls first
limit ${optionsPerNeed}`
}
