/**
 * A synthetic city for benchmarks of options and bookings, made by the database itself: offerings of forty kinds over
 * 20 × 25 km in twelve districts of 456 communities, and residents with consents, wallets and a need each.
 */
import { sql } from 'drizzle-orm'
import { createOrganization } from '../../src/features/identity/create-organization.ts'
import { createPrincipal } from '../../src/features/identity/create-principal.ts'
import { issueKey } from '../../src/features/identity/issue-key.ts'
import { ensureDefaultPolicy } from '../../src/features/policies/ensure-default-policy.ts'
import type { Actor, Context } from '../../src/platform/context.ts'

export const PERIOD = '2026-12'
/** When it is in this city. */
export const NOW = new Date('2026-12-01T08:00:00Z')
export const PROGRAMS = 24

const CITY = { south: 24.95, west: 121.45, height: 0.225, width: 0.2 }
/** Communities lie in a grid; districts are blocks of it. */
const [COLUMNS, ROWS, DISTRICTS] = [24, 19, 12]

/** Hexadecimal ids that tell their kind and number, so that rows can name each other without being read. */
const idOf = (kind: number, number: string) =>
  `('0000000${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`
const idText = (kind: number, number: number) =>
  `0000000${kind}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

export const needIdOf = (number: number) => idText(9, number)
export const offeringIdOf = (number: number) => idText(5, number)

/** A number from 0 to below `most`, the same for the same row and salt in every run. */
const draw = (salt: number, most: number) =>
  `((hashint4extended(n::int, ${salt}) & 2147483647) % ${most})::int`
/** One of them, as often as it stands in the list. */
const pick = (salt: number, values: readonly string[], type = 'text') =>
  `(array[${values.map((value) => `'${value}'`).join(',')}]::${type}[])[1 + ${draw(salt, values.length)}]`

const CATEGORIES = ['elderly_care', 'medical', 'cultural', 'life_care'] as const
const TERMS = 10
const TIERS = ['basic', 'inclusive', 'personalized']
const weekdays = (opens: string, closes: string) =>
  ['MO', 'TU', 'WE', 'TH', 'FR'].map((day) => ({ day, opens, closes }))
const hours = (opens: string, closes: string) =>
  JSON.stringify({ timeZone: 'Asia/Taipei', weekly: weekdays(opens, closes), exceptions: [] })

const RULES = [
  '{"fact":"age","op":"gte","value":65}',
  '{"all":[{"fact":"age","op":"gte","value":55},{"fact":"careLevel","op":"gte","value":2}]}',
  '{"fact":"incomeClass","op":"in","value":["low","lower_middle"]}',
  '{"any":[{"fact":"livesAlone","op":"eq","value":true},{"fact":"age","op":"gte","value":80}]}',
  '{"not":{"fact":"mobility","op":"eq","value":"homebound"}}',
]
const ALL_FACTS = [
  'location',
  'birth_year',
  'mobility',
  'care_level',
  'income_class',
  'lives_alone',
  'languages',
]

const AT = `'2026-11-01T00:00:00Z'::timestamptz`
const latitude = (salt: number) => `${CITY.south} + ${CITY.height} * ${draw(salt, 1_000_000)} / 1e6`
const longitude = (salt: number) => `${CITY.west} + ${CITY.width} * ${draw(salt, 1_000_000)} / 1e6`
/** The community that holds the drawn point. */
const community = (south: number, west: number) =>
  idOf(
    1,
    `${DISTRICTS} + 1 + (${draw(west, 1_000_000)} * ${COLUMNS} / 1000000) * ${ROWS} + ${draw(south, 1_000_000)} * ${ROWS} / 1000000`,
  )
const series = (most: number) => `from generate_series(1, ${most}) as n`

export interface CitySize {
  offerings: number
  residents: number
}

export interface City {
  /** The app whose residents they are, and its key. */
  partner: Actor
  key: string
}

/** Fills an empty, migrated database. @param ctx the system's own hand. */
export async function fillCity(ctx: Context, size: CitySize): Promise<City> {
  await ensureDefaultPolicy(ctx)
  const { id: officeId } = await createOrganization(ctx, { kind: 'purchaser', name: 'Office' })
  const { id: organizationId } = await createOrganization(ctx, { kind: 'partner', name: 'App' })
  const { id: principalId } = await createPrincipal(ctx, { organizationId, role: 'partner', name: 'App' })
  const { key } = await issueKey(ctx, { principalId })
  const statements = [
    ...places(),
    ...supply(size.offerings),
    ...funds(officeId, await financeOf(ctx, officeId)),
    ...demand(size.residents, organizationId),
  ]
  for (const statement of statements) await ctx.db.root.execute(sql.raw(statement))
  await ctx.db.root.execute(sql.raw('vacuum analyze'))
  return { partner: { principalId, organizationId, role: 'partner', areaId: null }, key }
}

/** Who has approved the programs: the database takes no open one that nobody has. */
async function financeOf(ctx: Context, organizationId: string): Promise<string> {
  return (await createPrincipal(ctx, { organizationId, role: 'purchaser.finance', name: 'Finance' })).id
}

function places(): string[] {
  const district = `1 + (n / ${ROWS}) / 6 * 3 + (n % ${ROWS}) * 3 / ${ROWS}`
  return [
    `insert into areas (id, parent_id, kind, code, name, created_at)
      select ${idOf(1, 'n')}, case when n = 0 then null else ${idOf(1, '0')} end,
        case when n = 0 then 'district' else 'subdistrict' end::area_kind, 'D' || n, 'District ' || n, ${AT}
      from generate_series(0, ${DISTRICTS}) as n`,
    `insert into areas (id, parent_id, kind, code, name, created_at)
      select ${idOf(1, `${DISTRICTS} + 1 + n`)}, ${idOf(1, district)}, 'community', 'C' || n, 'Community ' || n, ${AT}
      from generate_series(0, ${COLUMNS * ROWS - 1}) as n`,
  ]
}

/** Services are as many as offerings divided by two, locations by three, organizations by twenty. */
function supply(offerings: number): string[] {
  const organizations = Math.ceil(offerings / 20)
  const [locations, services] = [Math.ceil(offerings / 3), Math.ceil(offerings / 2)]
  // Of a hundred: 55 that people walk to, 25 whose staff walk, 15 with areas of their own, 5 from afar.
  const mode = `case when ${draw(12, 100)} < 55 then 'onsite' when ${draw(12, 100)} < 95 then 'home' else 'remote' end`
  const areas = `case when ${draw(12, 100)} between 80 and 94 then
    jsonb_build_array(${idOf(1, `1 + ${draw(20, DISTRICTS)}`)}, ${idOf(1, `1 + ${draw(21, DISTRICTS)}`)}) else '[]' end`
  return [
    `insert into organizations (id, kind, name, sector, created_at)
      select ${idOf(2, 'n')}, 'provider', 'House ' || n, ${pick(2, ['government', 'ngo', 'market'], 'sector')}, ${AT}
      ${series(organizations)}`,
    `insert into locations (id, organization_id, area_id, name, address, latitude, longitude, visibility, created_at)
      select ${idOf(3, 'n')}, ${idOf(2, `1 + n % ${organizations}`)}, ${community(6, 7)}, 'Place ' || n, 'Road ' || n,
        ${latitude(6)}, ${longitude(7)}, 'public', ${AT} ${series(locations)}`,
    `insert into services (id, organization_id, name, category, term, created_at)
      select ${idOf(4, 'n')}, ${idOf(2, `1 + n % ${organizations}`)}, 'Service ' || n,
        ${pick(10, CATEGORIES, 'category')}, 'term_' || ${draw(9, TERMS)}, ${AT} ${series(services)}`,
    `insert into offerings (id, service_id, location_id, organization_id, tier, mode, unit, price, price_type, currency,
        staff_minutes_per_unit, service_area_ids, eligibility, languages, caregiver_genders, hours, state, created_at)
      select ${idOf(5, 'n')}, s.id, ${idOf(3, `1 + n % ${locations}`)}, s.organization_id, ${pick(11, TIERS, 'tier')},
        (${mode})::mode, 'visit', 100 * (1 + ${draw(13, 90)}), 'per_unit', 'TWD',
        case when ${draw(14, 3)} = 0 then 60 else 0 end, ${areas},
        case ${draw(15, RULES.length + 2)} ${RULES.map((rule, at) => `when ${at} then '${rule}'::jsonb`).join(' ')} end,
        ${pick(16, ['["zh"]', '["zh","nan"]', '["en"]', '[]'])}::jsonb,
        ${pick(22, ['["female"]', '["female","male"]', '[]'])}::jsonb,
        case ${draw(17, 4)} when 0 then '${hours('09:00', '17:00')}'::jsonb when 1 then '${hours('08:00', '12:00')}'::jsonb end,
        case when ${draw(18, 20)} = 0 then 'withdrawn' else 'published' end::offering_state, ${AT}
      ${series(offerings)} join services s on s.id = ${idOf(4, `1 + n % ${services}`)}`,
    `insert into accounts (id, kind, owner_id, period, unit, "limit", held)
      select ${idOf(6, 'n')}, 'capacity', ${idOf(5, 'n')}, '${PERIOD}', 'visit', 10, ${draw(19, 11)} ${series(offerings)}`,
    `insert into offering_capacities (offering_id, period, maximum, status, updated_at)
      select ${idOf(5, 'n')}, '${PERIOD}', 10,
        case when ${draw(23, 20)} = 0 then 'waitlist' else 'capacity' end::capacity_status, ${AT} ${series(offerings)}`,
    `insert into accounts (id, kind, owner_id, period, unit, "limit", held)
      select ${idOf(7, 'n')}, 'staff_time', ${idOf(2, 'n')}, '${PERIOD}', 'minute', 6000, 60 * ${draw(24, 101)}
      ${series(organizations)}`,
  ]
}

/** A third for the whole city, the others for a district each. */
function funds(officeId: string, financeId: string): string[] {
  const account = idOf(7, '8000000 + n')
  return [
    `insert into accounts (id, kind, owner_id, period, unit, "limit", held)
      select ${account}, 'fund', ${idOf(6, '8000000 + n')}, '${PERIOD}', 'TWD', 50000000, case when n % 12 = 0 then 50000000 else 0 end
      ${series(PROGRAMS)}`,
    `insert into duties (object_id, principal_id, duty, at)
      select ${idOf(6, '8000000 + n')}, '${financeId}', 'approve', ${AT} ${series(PROGRAMS)}`,
    `insert into programs (id, organization_id, area_id, period, name, categories, tiers, eligibility, budget, currency,
        subsidy_share, unit_cap, resident_cap, state, fund_account_id, created_at)
      select ${idOf(6, '8000000 + n')}, '${officeId}', ${idOf(1, `case when n % 3 = 0 then 0 else 1 + n % ${DISTRICTS} end`)},
        '${PERIOD}', 'Fund ' || n, ${pick(30, ['["elderly_care","medical"]', '["life_care","cultural"]', '["medical","life_care","elderly_care"]'])}::jsonb,
        ${pick(31, ['["basic"]', '["basic","inclusive"]', '["inclusive","personalized"]'])}::jsonb,
        case n % 4 ${RULES.slice(0, 3)
          .map((rule, at) => `when ${at} then '${rule}'::jsonb`)
          .join(' ')} end,
        50000000, 'TWD', 1000 * (2 + ${draw(32, 8)}), case when n % 2 = 0 then 3000 end,
        case when n % 3 = 1 then 6000 end, 'open', ${account}, ${AT} ${series(PROGRAMS)}`,
  ]
}

function demand(residents: number, organizationId: string): string[] {
  const consents = [ALL_FACTS, ALL_FACTS, ALL_FACTS.filter((fact) => fact !== 'income_class'), ['location']]
  const acceptable = JSON.stringify(weekdays('13:00', '18:00'))
  return [
    `insert into residents (id, organization_id, reference_hash, reference_sealed, area_id, latitude, longitude,
        birth_year, mobility, assessments, income_class, lives_alone, languages, created_at)
      select ${idOf(8, 'n + 100')}, '${organizationId}', lpad(to_hex(n), 64, '0'), 'sealed', ${community(41, 42)},
        ${latitude(41)}, ${longitude(42)}, 1930 + ${draw(43, 36)},
        ${pick(44, ['independent', 'independent', 'slow', 'homebound'], 'mobility')},
        jsonb_build_array(jsonb_build_object('scheme', 'cms', 'level', ${draw(45, 9)}, 'validUntil', null)),
        ${pick(46, ['low', 'lower_middle', 'general', 'general'], 'income_class')}, ${draw(47, 3)} = 0,
        ${pick(48, ['["zh"]', '["nan"]', '["zh","nan"]'])}::jsonb, ${AT} ${series(residents)}`,
    `insert into consents (id, resident_id, purpose, recipient_id, facts, given_at)
      select ${idOf(8, 'n + 10000000')}, ${idOf(8, 'n + 100')}, 'matching', null,
        ${pick(
          49,
          consents.map((facts) => JSON.stringify(facts)),
        )}::jsonb, ${AT} ${series(residents)}`,
    `insert into accounts (id, kind, owner_id, period, unit, "limit")
      select ${idOf(8, 'n + 20000000')}, 'wallet', ${idOf(8, 'n + 100')}, '${PERIOD}', 'TWD', 1000 * ${draw(50, 20)}
      ${series(residents)}`,
    `insert into needs (id, resident_id, period, category, term, tier, quantity, unit, acceptable_hours, preferences,
        refusals, waiting_since, state, created_at)
      select ${idOf(9, 'n')}, ${idOf(8, 'n + 100')}, '${PERIOD}', ${pick(51, CATEGORIES, 'category')},
        'term_' || ${draw(52, TERMS)}, ${pick(53, TIERS, 'tier')}, 1 + ${draw(54, 4)},
        case when ${draw(55, 2)} = 0 then 'visit'::service_unit end,
        case when ${draw(56, 4)} = 0 then '${acceptable}'::jsonb end,
        ${pick(57, ['{}', '{}', '{"sector":"ngo"}', '{"language":"nan","caregiverGender":"female"}'])}::jsonb,
        ${pick(58, ['{}', '{}', '{}', '{"sectors":["market"]}'])}::jsonb,
        ${AT} + ${draw(59, 29)} * interval '1 day', 'registered', ${AT} ${series(residents)}`,
  ]
}
