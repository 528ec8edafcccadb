/** The one place where records of a feed are checked against the standard, whatever file or API they came from. */
import type { Field } from '../../directory/field.ts'
import { KINDS } from '../../directory/kinds.ts'
import type { JsonValue, RecordKind } from '../../directory/record.ts'
import type { Flaw, RawRecord } from '../feed-item.ts'
import { cleanValue } from './clean-value.ts'
import { oddities } from './odd-values.ts'

/**
 * What stands in for a required field that older versions of the standard did not have, or that feeds leave out. A
 * service whose status nobody tells counts as active: it is listed. Every stand-in is a kept flaw.
 */
const STAND_INS: Partial<Record<RecordKind, Record<string, (fields: Fields) => JsonValue | undefined>>> = {
  program: { description: ({ name }) => name },
  service: { status: () => 'active' },
  location: { location_type: () => 'physical' },
  address: { address_type: () => 'physical' },
  taxonomy: { description: ({ name }) => name },
  taxonomy_term: { description: ({ name }) => name },
}

/**
 * What the standard requires and may stay untold: a street without its city still leads there, and of organizations
 * that joined here only the name is known. Filled in, it would come back from an export as if somebody had said it.
 */
const MAY_BE_UNTOLD: Partial<Record<RecordKind, readonly string[]>> = {
  organization: ['description'],
  address: ['city', 'state_province', 'postal_code', 'country'],
}

type Fields = Record<string, JsonValue>

export interface CleanRecord {
  /** Absent when a required field or link is missing or unusable: then one of the flaws is `refused`. */
  record?: RawRecord
  flaws: Flaw[]
}

/**
 * Checks and converts the fields of a record against `KINDS`. A value that does not fit is dropped with a kept flaw
 * that shows it; a record without a required value is refused, save for the stand-ins and untold parts above. Values that fit but are
 * odd (coordinates off the globe, more places available than there are) are kept and flagged. Unknown fields are
 * dropped with a kept flaw. Whether links lead anywhere is for whoever has all records.
 */
export function cleanRecord(raw: RawRecord): CleanRecord {
  const flaws: Flaw[] = []
  const note = (field: string | null, reason: string, value?: unknown, outcome: Flaw['outcome'] = 'kept') =>
    flaws.push({
      place: raw.place,
      field,
      reason,
      ...(value !== undefined && { value: shown(value) }),
      outcome,
    })
  const sourceId = raw.sourceId.trim()
  if (sourceId === '' || sourceId.includes('\0')) {
    note('id', `a ${raw.kind} without an id`, undefined, 'refused')
    return { flaws }
  }
  const known = KINDS[raw.kind].fields
  const links = cleanLinks(raw, known, note)
  const fields = cleanFields(raw, known, note)
  for (const { field, reason, value } of oddities(raw.kind, fields)) note(field, reason, value)
  const untold = (MAY_BE_UNTOLD[raw.kind] ?? []).filter((name) => fields[name] === undefined)
  if (untold.length > 0) note(untold[0]!, `not told: ${untold.join(', ')}`)
  const missing = firstMissing(raw, fields, links)
  if (missing !== null) {
    const spoiled = raw.fields[missing]
    const reason = `a ${raw.kind} without ${isBlank(spoiled) ? missing : `a usable ${missing}`}`
    note(missing, reason, isBlank(spoiled) ? undefined : spoiled, 'refused')
    return { flaws }
  }
  return { record: { ...raw, sourceId, fields, links }, flaws }
}

type Note = (field: string | null, reason: string, value?: unknown, outcome?: Flaw['outcome']) => void

function cleanLinks(raw: RawRecord, known: Readonly<Record<string, Field>>, note: Note): RawRecord['links'] {
  const links: RawRecord['links'] = {}
  for (const [name, target] of Object.entries(raw.links)) {
    if (known[name]?.link === undefined) note(name, `a ${raw.kind} has no such link`, target)
    else if (target.includes('\0')) note(name, 'holds NUL', target)
    else if (target.trim() !== '') links[name] = target.trim()
  }
  return links
}

function cleanFields(raw: RawRecord, known: Readonly<Record<string, Field>>, note: Note): Fields {
  const fields: Fields = {}
  for (const [name, given] of Object.entries(raw.fields)) {
    const field = Object.hasOwn(known, name) ? known[name] : undefined
    if (field === undefined || field.link !== undefined) {
      if (!isBlank(given)) note(name, `a ${raw.kind} has no such field`, given)
      continue
    }
    const { value, reason } = cleanValue(field, given)
    if (value !== undefined) fields[name] = value
    if (reason !== undefined && !(value === undefined && isDecisive(raw.kind, name, field))) {
      note(name, value === undefined ? `${reason}: dropped` : reason, given)
    }
  }
  return fillIn(raw, fields, note)
}

/** A field whose loss refuses the record is told of once, by the refusal. */
function isDecisive(kind: RecordKind, name: string, field: Field): boolean {
  return field.required !== undefined && (field.codes !== undefined || STAND_INS[kind]?.[name] === undefined)
}

function fillIn(raw: RawRecord, fields: Fields, note: Note): Fields {
  for (const [name, standIn] of Object.entries(STAND_INS[raw.kind] ?? {})) {
    // An unknown status is not the same as none: it may say that the service is closed.
    const spoiled = !isBlank(raw.fields[name]) && KINDS[raw.kind].fields[name]?.codes !== undefined
    if (fields[name] !== undefined || spoiled) continue
    const value = standIn(fields)
    if (value === undefined) continue
    fields[name] = value
    note(name, `not given: ${JSON.stringify(value)} stands in`)
  }
  return fields
}

function firstMissing(raw: RawRecord, fields: Fields, links: RawRecord['links']): string | null {
  for (const [name, field] of Object.entries(KINDS[raw.kind].fields)) {
    if (field.required === undefined || MAY_BE_UNTOLD[raw.kind]?.includes(name)) continue
    if (field.link === undefined ? fields[name] !== undefined : links[name] !== undefined) continue
    // By our Profile capacity may be told of a service at a location alone.
    const viaPlace = raw.kind === 'service_capacity' && name === 'service_id' && links.service_at_location_id
    if (!viaPlace) return name
  }
  return null
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

const LONGEST_SHOWN = 200

/** A value for the report: storable, and not longer than a line. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const storable = text.replaceAll('\0', '\\0').replace(/\p{Surrogate}/gu, '\\u')
  return storable.length > LONGEST_SHOWN
    ? `${storable.slice(0, LONGEST_SHOWN - 1).replace(/\p{Surrogate}$/u, '')}…`
    : storable
}
