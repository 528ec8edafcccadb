/** What one table of a data package holds, and how a row of it becomes records of HSDS 3.1. */
import { KINDS } from '../../directory/kinds.ts'
import type { RecordKind } from '../../directory/record.ts'
import type { RawRecord } from '../feed-item.ts'
import type { TableRow } from './table-rows.ts'
import { textKey } from './text-key.ts'

export interface TableShape {
  kind: RecordKind
  /** Columns of an older or other format, and the field each is now. */
  rename?: Readonly<Record<string, string>>
  /** What the table's being this table says. */
  constants?: Readonly<Record<string, string>>
  /** Put before ids that are no uuids, where several old tables became one. */
  prefix?: string
  /** Columns that `more` reads, and ones that only repeat what another says. */
  also?: readonly string[]
  /** Further records of the row; may change the main one, which is the first of those it gets. */
  more?: (row: TableRow['values'], main: RawRecord, memory: PackageMemory) => RawRecord[]
}

/** What rows of one table need to know of rows of others. Holds ids and short texts of side tables only. */
export interface PackageMemory {
  /** By service id: what the table of eligibilities says (before HSDS 3.0). */
  eligibility: Map<string, string>
  /** By location id: its organization (Ohana's services name only their location). */
  organizationOfLocation: Map<string, string>
  /** Names already given a term of their own. */
  terms: Set<string>
}

export function emptyMemory(): PackageMemory {
  return { eligibility: new Map(), organizationOfLocation: new Map(), terms: new Set() }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Kinds that other records name: a row of these without an id is of no use to them. */
const NAMED: ReadonlySet<RecordKind> = new Set(
  Object.values(KINDS).flatMap(({ fields }) =>
    Object.values(fields).flatMap(({ link }) => (link === undefined || link === 'any' ? [] : [link])),
  ),
)

/**
 * The main record of a row: columns by their names of today, links apart, the id from `id` or `<kind>_id`. A row without
 * one gets an id made of what it says, where nothing else can name it (a kept matter for the caller to flag).
 */
export function mainRecord(shape: TableShape, { values, place }: TableRow): RawRecord {
  const { kind, rename = {}, constants = {}, also = [] } = shape
  const known = KINDS[kind].fields
  const record: RawRecord = { kind, sourceId: '', fields: { ...constants }, links: {}, place, row: true }
  for (const [column, value] of Object.entries(values)) {
    const name = fieldName(column, rename)
    if (name === 'id') record.sourceId = idOf(shape, value)
    else if (value.trim() === '' || (also.includes(column) && known[name] === undefined)) continue
    else if (known[name]?.link !== undefined) record.links[name] = value.trim()
    else if (known[name] !== undefined) record.fields[name] = value
  }
  if (record.sourceId === '') record.sourceId = madeId(kind, record)
  return record
}

/** A column's field: spelled small, with `_`, and by its name of today. */
export function fieldName(column: string, rename: Readonly<Record<string, string>>): string {
  const bare = column
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  return Object.hasOwn(rename, bare) ? rename[bare]! : bare
}

function idOf({ prefix }: TableShape, value: string): string {
  const id = value.trim()
  return prefix === undefined || id === '' || UUID.test(id) ? id : `${prefix}:${id}`
}

function madeId(kind: RecordKind, { fields, links }: RawRecord): string {
  if (kind === 'service_at_location' && links.service_id && links.location_id) {
    return placeId(links.service_id, links.location_id)
  }
  return NAMED.has(kind) ? '' : textKey(JSON.stringify([kind, fields, links]))
}

/** The id of a service at a location, where the source gives it none. */
export function placeId(serviceId: string, locationId: string): string {
  return `${serviceId}@${locationId}`
}

/** A further record of the same row. */
export function beside(
  main: RawRecord,
  kind: RecordKind,
  sourceId: string,
  fields: Record<string, unknown>,
  links: Record<string, string> = {},
): RawRecord {
  return { kind, sourceId, fields, links, place: main.place }
}

/** Two-letter days of the calendar standard, from `Monday`, `mon`, `Mo` or ISO's 1 … 7. */
export function dayCode(text: string): string | null {
  const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
  const bare = text.trim()
  if (/^[1-7]$/.test(bare)) return days[Number(bare) - 1]!
  return days.find((day) => day === bare.slice(0, 2).toUpperCase()) ?? null
}

/** `true`, `t`, `yes`, `1`: what tables write for a yes. */
export function isYes(text: string | undefined): boolean {
  return /^(true|t|yes|y|1)$/i.test((text ?? '').trim())
}

/** `a, b; c` → a, b and c. */
export function listed(text: string | undefined): string[] {
  return (text ?? '')
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter(Boolean)
}
