/** Reads what the index holds from the tables that are the truth. */
import { type SQL, sql } from 'drizzle-orm'
import { chunks } from '../../platform/db/chunks.ts'
import type { Db } from '../../platform/db/client.ts'
import { isConfidential } from '../catalog/confidential.ts'
import type { AddressOf, Visibility } from '../catalog/location-schemas.ts'
import { locations, offeringAssurances, offerings, services } from '../catalog/tables.ts'
import { organizations } from '../identity/tables.ts'
import type { IndexRow, ShownOffering } from './index-row.ts'

/** Rows of one statement: few enough that other requests are answered in between. */
const BATCH = 2000

/**
 * `xmin` is the transaction that wrote a row's present version, so all together change with any of them.
 */
const STAMP = sql`hashtextextended(concat_ws('.', o.xmin, s.xmin, l.xmin, g.xmin, a.xmin, v.xmin), 0)::text`

const FROM = sql`from ${offerings} o
  join ${services} s on s.id = o.service_id
  join ${locations} l on l.id = o.location_id
  join ${organizations} g on g.id = o.organization_id
  left join ${offeringAssurances} a on a.offering_id = o.id
  left join ${organizations} v on v.id = a.assured_by`

/** Milliseconds since 1970: what the two engines give for an instant differs. */
const instant = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`)

const ASSURANCE = sql`case when a.offering_id is not null then json_build_object('offeringId', a.offering_id,
  'what', a.what, 'assuredVersion', a.assured_version, 'assuredBy', a.assured_by, 'principalId', a.principal_id,
  'assuredAt', ${instant('a.assured_at')}, 'lapsesAt', ${instant('a.lapses_at')},
  'lapsedAt', ${instant('a.lapsed_at')}, 'assuredByName', v.name)::text end`

/** Lists, rules and hours, as JSON texts. */
type Parsed =
  | 'languages'
  | 'eligibility'
  | 'hours'
  | 'priceOptions'
  | 'serviceAreaIds'
  | 'caregiverGenders'
  | 'assurance'
/** `bigint`, which the engines give as they like. */
type Amounts = 'price' | 'priceCeiling'
type Found = Omit<ShownOffering, Parsed | Amounts | 'createdAt'> &
  Record<Parsed, string | null> & {
    price: string | number
    priceCeiling: string | number | null
    createdAt: number
    sector: string | null
    areaId: string | null
    latitude: number | null
    longitude: number | null
    visibility: Visibility | null
    addressOf: AddressOf
    organization: string
    place: string
    address: string
    stamp: string
  }

/** Every offering, in order of id. */
export async function readAllIndexRows(db: Db): Promise<IndexRow[]> {
  const rows: IndexRow[] = []
  const known: Known = { parsed: new Map(), texts: new Map() }
  let batch: IndexRow[]
  do {
    const last = rows.at(-1)?.id
    const where = last ? sql`where o.id > ${last}` : sql``
    batch = await readWhere(db, known, where, sql`order by o.id limit ${BATCH}`)
    for (const row of batch) rows.push(row)
  } while (batch.length === BATCH)
  return rows
}

/** The offerings that are, or belong to, any of these: offerings, services, locations, organizations. */
export async function readIndexRowsOf(db: Db, ids: readonly string[]): Promise<IndexRow[]> {
  const rows: IndexRow[] = []
  const known: Known = { parsed: new Map(), texts: new Map() }
  for (const chunk of chunks(ids, BATCH)) {
    const any = sql`any(${sql.param(`{${chunk.join(',')}}`)}::uuid[])`
    const where = sql`where o.id = ${any} or o.service_id = ${any} or o.location_id = ${any} or o.organization_id = ${any}`
    rows.push(...(await readWhere(db, known, where)))
  }
  return rows
}

/** Offering → stamp of every offering, in order of id. */
export async function readStamps(db: Db): Promise<Map<string, bigint>> {
  const { rows } = (await db.root.execute(
    sql`select o.id, ${STAMP} as stamp ${FROM} order by o.id`,
  )) as unknown as { rows: { id: string; stamp: string }[] }
  return new Map(rows.map(({ id, stamp }) => [id, BigInt(stamp)]))
}

/** What one reading has met, so that what is equal is parsed once and held once. */
interface Known {
  /** JSON text → what it says. */
  parsed: Map<string, unknown>
  texts: Map<string, string>
}

async function readWhere(db: Db, known: Known, where: SQL, rest: SQL = sql``): Promise<IndexRow[]> {
  const { rows } = (await db.root.execute(sql`
    select o.id, o.service_id as "serviceId", o.location_id as "locationId", o.organization_id as "organizationId",
      o.tier, o.mode, o.unit, o.price, o.price_type as "priceType", o.price_ceiling as "priceCeiling",
      o.price_options::text as "priceOptions", o.currency, o.staff_minutes_per_unit as "staffMinutesPerUnit",
      o.service_area_ids::text as "serviceAreaIds", o.eligibility::text, o.languages::text,
      o.caregiver_genders::text as "caregiverGenders", o.hours::text, o.state, o.source_ref as "sourceRef", o.version,
      ${instant('o.created_at')} as "createdAt", s.name, s.category, s.term, ${ASSURANCE} as assurance,
      g.sector, g.name as organization, l.area_id as "areaId", l.latitude, l.longitude, l.visibility,
      l.address_of as "addressOf", l.name as place, l.address, ${STAMP} as stamp
    ${FROM} ${where} ${rest}`)) as unknown as { rows: Found[] }
  return rows.map((row) => toIndexRow(row, known))
}

function toIndexRow(found: Found, known: Known): IndexRow {
  const { latitude, longitude, organization, place, address } = found
  const isKept = isConfidential(found)
  const shown = toShown(found, known)
  return {
    id: shown.id,
    organizationId: shown.organizationId,
    sector: found.sector,
    category: shown.category,
    term: shown.term,
    tier: shown.tier,
    mode: shown.mode,
    unit: shown.unit,
    price: shown.price,
    priceType: shown.priceType,
    state: shown.state,
    languages: shown.languages,
    eligibility: shown.eligibility,
    hours: shown.hours,
    areaId: found.areaId === null ? null : once(found.areaId, known),
    point: latitude === null || longitude === null ? null : { latitude, longitude },
    keptBy: isKept ? shown.organizationId : null,
    text: {
      strong: `${shown.name} ${shown.term.replaceAll('_', ' ')}`,
      // An address that must not be told must not be guessed by searching for it either.
      weak: `${organization} ${place} ${isKept ? '' : address}`,
    },
    shown,
    stamp: BigInt(found.stamp),
  }
}

/** Field by field: copying the rest of an object takes several times as long, a hundred thousand times over. */
function toShown(found: Found, known: Known): ShownOffering {
  return {
    id: found.id,
    serviceId: once(found.serviceId, known),
    locationId: once(found.locationId, known),
    organizationId: once(found.organizationId, known),
    tier: once(found.tier, known),
    mode: once(found.mode, known),
    unit: once(found.unit, known),
    price: Number(found.price),
    priceType: once(found.priceType, known),
    priceCeiling: found.priceCeiling === null ? null : Number(found.priceCeiling),
    priceOptions: parse(found.priceOptions, known),
    currency: once(found.currency, known),
    staffMinutesPerUnit: found.staffMinutesPerUnit,
    serviceAreaIds: parse(found.serviceAreaIds, known),
    eligibility: parse(found.eligibility, known),
    languages: parse(found.languages, known),
    caregiverGenders: parse(found.caregiverGenders, known),
    hours: parse(found.hours, known),
    state: once(found.state, known),
    sourceRef: found.sourceRef,
    version: found.version,
    createdAt: new Date(found.createdAt),
    name: once(found.name, known),
    category: once(found.category, known),
    term: once(found.term, known),
    assurance: found.assurance === null ? null : toAssurance(JSON.parse(found.assurance)),
  }
}

type Assurance = NonNullable<ShownOffering['assurance']>
type FoundAssurance = Omit<Assurance, 'assuredAt' | 'lapsesAt' | 'lapsedAt'> & {
  assuredAt: number
  lapsesAt: number
  lapsedAt: number | null
}

function toAssurance({ assuredAt, lapsesAt, lapsedAt, ...said }: FoundAssurance): Assurance {
  return {
    ...said,
    assuredAt: new Date(assuredAt),
    lapsesAt: new Date(lapsesAt),
    lapsedAt: lapsedAt === null ? null : new Date(lapsedAt),
  }
}

function parse<T>(text: string | null, { parsed }: Known): T {
  if (text === null) return null as T
  if (!parsed.has(text)) parsed.set(text, JSON.parse(text))
  return parsed.get(text) as T
}

function once<T extends string>(text: T, { texts }: Known): T {
  const known = texts.get(text)
  if (known !== undefined) return known as T
  texts.set(text, text)
  return text
}
