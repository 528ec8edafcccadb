/** A synthetic city for `bench-search`, made by the database itself: offerings spread over 20 × 25 km. */
import { sql } from 'drizzle-orm'
import type { Db } from '../../src/platform/db/client.ts'

export const CITY = { south: 24.95, west: 121.45, height: 0.225, width: 0.2 }
export const PERIOD = '2026-12'
export const TERMS = [
  'day_care',
  'bathing',
  'meal',
  'tai_chi',
  'foot_clinic',
  'physiotherapy',
  'respite',
  'garden',
  'calligraphy',
  'dementia_care',
] as const

/** Hexadecimal ids that tell their kind and number, so that rows can name each other without being read. */
const idOf = (kind: number, number: string) =>
  `('0000000${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`
export const areaIdOf = (number: number) => `00000001-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

/** A number from 0 to below `most`, the same for the same row and salt in every run. */
const draw = (salt: string, most: number) => `(hashint4extended(n, ${salt}) & 2147483647) % ${most}`
const pick = (salt: string, values: readonly string[], type = 'text') =>
  `(array[${values.map((value) => `'${value}'`).join(',')}]::${type}[])[1 + ${draw(salt, values.length)}]`

const ADJECTIVES = [
  'Sunny',
  'Green',
  'Riverside',
  'Golden',
  'Peace',
  'Harmony',
  'North',
  'East',
  'Lotus',
  'Spring',
]
const CHINESE = [
  '日間照顧',
  '居家沐浴',
  '送餐服務',
  '太極拳',
  '足部診所',
  '物理治療',
  '喘息服務',
  '園藝',
  '書法',
  '失智照護',
]
const DISTRICTS = ['大安區', '信義區', '北投區', '士林區', '中山區', '松山區', '內湖區', '文山區']
const STREETS = ['和平東路', '忠孝西路', '仁愛路', '民生東路', '中正路', '復興南路']

const RULES = [
  'null',
  `'{"fact":"age","op":"gte","value":65}'::jsonb`,
  `'{"all":[{"fact":"age","op":"gte","value":55},{"fact":"careLevel","op":"gte","value":2}]}'::jsonb`,
  `'{"fact":"incomeClass","op":"in","value":["low","lower_middle"]}'::jsonb`,
]
const HOURS = ['MO', 'TU', 'WE', 'TH', 'FR'].map((day) => ({ day, opens: '09:00', closes: '17:00' }))
const WEEKDAYS = `'${JSON.stringify({ timeZone: 'Asia/Taipei', weekly: HOURS, exceptions: [] })}'::jsonb`

/** Fills an empty, migrated database. Services are as many as offerings divided by two, locations by three. */
export async function fillCity(db: Db, offerings: number): Promise<void> {
  const counts = { organizations: Math.ceil(offerings / 20), locations: Math.ceil(offerings / 3) }
  const services = Math.ceil(offerings / 2)
  const at = `'2026-11-01T00:00:00Z'::timestamptz`
  const series = (most: number) => `from generate_series(1, ${most}) as n`
  const statements = [
    `insert into areas (id, parent_id, kind, code, name, created_at)
      select ${idOf(1, 'n')}, case when n = 0 then null else ${idOf(1, '0')} end,
        case when n = 0 then 'district' else 'community' end::area_kind, 'A' || n, 'Area ' || n, ${at}
      from generate_series(0, 100) as n`,
    `insert into organizations (id, kind, name, sector, created_at)
      select ${idOf(2, 'n')}, 'provider', ${pick('1', ADJECTIVES)} || ' House ' || n,
        ${pick('2', ['government', 'ngo', 'market'], 'sector')}, ${at} ${series(counts.organizations)}`,
    `insert into locations (id, organization_id, area_id, name, address, latitude, longitude, created_at)
      select ${idOf(3, 'n')}, ${idOf(2, `1 + n % ${counts.organizations}`)}, ${idOf(1, `1 + ${draw('3', 100)}`)},
        ${pick('4', DISTRICTS)} || '站 ' || n, '臺北市' || ${pick('4', DISTRICTS)} || ${pick('5', STREETS)} || n || '號',
        ${CITY.south} + ${CITY.height} * ${draw('6', 1_000_000)} / 1e6,
        ${CITY.west} + ${CITY.width} * ${draw('7', 1_000_000)} / 1e6, ${at} ${series(counts.locations)}`,
    `insert into services (id, organization_id, name, category, term, created_at)
      select ${idOf(4, 'n')}, ${idOf(2, `1 + n % ${counts.organizations}`)},
        ${pick('8', ADJECTIVES)} || ' ' || replace(${pick('9', TERMS)}, '_', ' ') || ' ' || ${pick('9', CHINESE)} || ' ' || n,
        ${pick('10', ['elderly_care', 'medical', 'cultural', 'life_care'], 'category')}, ${pick('9', TERMS)}, ${at}
      ${series(services)}`,
    `insert into offerings (id, service_id, location_id, organization_id, tier, mode, unit, price, price_type, currency,
        staff_minutes_per_unit, service_area_ids, eligibility, languages, hours, state, created_at)
      select ${idOf(5, 'n')}, s.id, ${idOf(3, `1 + n % ${counts.locations}`)}, s.organization_id,
        ${pick('11', ['basic', 'inclusive', 'personalized'], 'tier')}, ${pick('12', ['onsite', 'onsite', 'home', 'remote'], 'mode')},
        'visit', 100 * (1 + ${draw('13', 90)}), ${pick('14', ['fixed', 'per_unit', 'sliding'], 'price_type')}, 'TWD', 0, '[]',
        case ${draw('15', RULES.length)} ${RULES.map((rule, number) => `when ${number} then ${rule}`).join(' ')} end,
        ${pick('16', ['["zh"]', '["zh","nan"]', '["en"]', '[]'])}::jsonb,
        case when ${draw('17', 2)} = 0 then ${WEEKDAYS} end,
        case when ${draw('18', 20)} = 0 then 'withdrawn' else 'published' end::offering_state, ${at}
      ${series(offerings)} join services s on s.id = ${idOf(4, `1 + n % ${services}`)}`,
    `insert into accounts (id, kind, owner_id, period, unit, "limit", held, spent)
      select ${idOf(6, 'n')}, 'capacity', ${idOf(5, 'n')}, '${PERIOD}', 'visit', 10, ${draw('19', 11)}, 0 ${series(offerings)}`,
    'create extension if not exists pg_trgm',
    'create index locations_point on locations (latitude, longitude)',
    ...['services', 'organizations', 'locations'].map(
      (table) => `create index ${table}_name_trgm on ${table} using gin (name gin_trgm_ops)`,
    ),
  ]
  for (const statement of statements) await db.root.execute(sql.raw(statement))
  await db.root.execute(sql.raw('vacuum analyze'))
}
