/** From nested HSDS objects to records; what nests in what is said by `KINDS`. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../platform/audit/canonical-json.ts'
import { KINDS } from '../../directory/kinds.ts'
import type { RecordKind } from '../../directory/record.ts'
import type { FeedItem, Flaw, Place, RawRecord } from '../feed-item.ts'
import { DEEPEST, shown } from './json-values.ts'

type JsonObject = Record<string, unknown>

/** What flaws of a whole kind were told of already: each is told once per feed. */
export type Told = Set<string>

/** The record that an object stands in, and the link by which the object names it, if it does. */
interface Owner {
  record: RawRecord
  by: string | null
}

/**
 * A top-level object with everything nested in it, as one sighting per nested object: the same record may be seen in
 * several places, each time with the link to the owner it stands under (`mergeSightings` makes one record of them).
 * Values stay raw; null counts as absent. What is not in `KINDS` is dropped with a kept flaw, told once per feed and
 * property. An object without an id gets one from its content and owner, so that the next reading makes the same.
 */
export function flatten(kind: RecordKind, value: JsonObject, place: Place, told: Told): FeedItem[] {
  const found: FeedItem[] = []
  flattenInto({ place, told, found }, kind, value, null, '')
  return found
}

interface Reading {
  place: Place
  told: Told
  found: FeedItem[]
}

function flattenInto(
  reading: Reading,
  kind: RecordKind,
  value: JsonObject,
  owner: Owner | null,
  path: string,
): string {
  const record: RawRecord = {
    kind,
    sourceId: idOf(reading, kind, value, owner, path),
    fields: {},
    links: {},
    place: reading.place,
    ...(owner === null && { row: true }),
  }
  reading.found.push({ record })
  takeFields(reading, record, value, path)
  linkToOwner(reading, record, owner, path)
  takeReferences(reading, record, value, path)
  takeCollections(reading, record, value, path)
  return record.sourceId
}

function takeFields(reading: Reading, record: RawRecord, value: JsonObject, path: string): void {
  const { fields, one, many } = KINDS[record.kind]
  for (const [name, given] of Object.entries(value)) {
    if (name === 'id' || given === null || given === undefined) continue
    if (Object.hasOwn(fields, name)) {
      if (fields[name]!.link === undefined) record.fields[name] = given
      else if (typeof given === 'string' || typeof given === 'number') record.links[name] = String(given)
      else note(reading, name, `is no id: dropped (at ${path}/${name})`, given)
    } else if (!Object.hasOwn(one, name) && !Object.hasOwn(many, name)) {
      const reason = `a ${record.kind} has no such property: dropped wherever it occurs in this feed`
      noteOnce(reading, `${record.kind}.${name}`, name, reason, given)
    }
  }
}

/** Standing under an owner says what a row of a table says with its link, and with the name of the owner's table. */
function linkToOwner(reading: Reading, record: RawRecord, owner: Owner | null, path: string): void {
  if (owner === null) return
  if (owner.by === null) {
    inherit(record, owner.record)
    return
  }
  setLink(reading, record, owner.by, owner.record.sourceId, path)
  const { fields } = KINDS[record.kind]
  if (fields[owner.by]?.link !== 'any') return
  for (const tells of ['link_entity', 'resource_type']) {
    if (fields[tells] && (record.fields[tells] ?? '') === '') record.fields[tells] = owner.record.kind
  }
}

/** A program inside a service does not name its organization: it is the service's. */
function inherit(record: RawRecord, from: RawRecord): void {
  for (const [name, field] of Object.entries(KINDS[record.kind].fields)) {
    const link =
      field.required === 'tabular' && field.link && field.link !== from.kind ? from.links[name] : undefined
    if (link !== undefined && record.links[name] === undefined) record.links[name] = link
  }
}

function setLink(reading: Reading, record: RawRecord, name: string, target: string, path: string): void {
  const given = record.links[name]
  record.links[name] = target
  if (given !== undefined && given !== target) {
    note(reading, name, `names another record than the one it stands with: dropped (at ${path})`, given)
  }
}

function takeReferences(reading: Reading, record: RawRecord, value: JsonObject, path: string): void {
  for (const [name, { kind, via }] of Object.entries(KINDS[record.kind].one)) {
    const given = value[name] ?? null
    if (given === null) continue
    if (!isObject(given)) {
      note(reading, name, `is no ${kind}: dropped (at ${path}/${name})`, given)
      continue
    }
    const target = nest(reading, kind, given, { record, by: null }, `${path}/${name}`)
    if (target !== null) setLink(reading, record, via, target, `${path}/${name}`)
  }
}

function takeCollections(reading: Reading, record: RawRecord, value: JsonObject, path: string): void {
  for (const [name, { kind, by }] of Object.entries(KINDS[record.kind].many)) {
    const given = value[name] ?? null
    if (given === null || Object.hasOwn(KINDS[record.kind].fields, name)) continue
    const items: unknown[] = Array.isArray(given) ? given : [given]
    items.forEach((item, index) => {
      const at = `${path}/${name}/${index}`
      if (isObject(item)) nest(reading, kind, item, { record, by }, at)
      else note(reading, name, `is no ${kind}: dropped (at ${at})`, item)
    })
  }
}

function nest(
  reading: Reading,
  kind: RecordKind,
  value: JsonObject,
  owner: Owner,
  path: string,
): string | null {
  if (path.split('/').length <= DEEPEST) return flattenInto(reading, kind, value, owner, path)
  note(
    reading,
    null,
    `is nested more than ${DEEPEST} deep: the ${kind} and all below it is left out`,
    undefined,
    'refused',
  )
  return null
}

/** Ids need not be uuids: they are the source's own. */
function idOf(
  reading: Reading,
  kind: RecordKind,
  value: JsonObject,
  owner: Owner | null,
  path: string,
): string {
  const { id } = value
  if ((typeof id === 'string' && id.trim() !== '') || typeof id === 'number') return String(id)
  const parent = owner && [owner.record.kind, owner.by === null ? null : owner.record.sourceId]
  const made = createHash('sha256')
    .update(canonicalJson([kind, parent, value]))
    .digest('hex')
    .slice(0, 32)
  const reason = `a ${kind} without an id${path && ` (at ${path})`}: one was made from its content`
  if (owner === null) note(reading, 'id', reason)
  else noteOnce(reading, `${kind}.id`, 'id', `${reason}, here and wherever it occurs in this feed`)
  return `made-${made}`
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function noteOnce(reading: Reading, what: string, field: string, reason: string, value?: unknown): void {
  if (reading.told.has(what)) return
  reading.told.add(what)
  note(reading, field, reason, value)
}

function note(
  reading: Reading,
  field: string | null,
  reason: string,
  value?: unknown,
  outcome: Flaw['outcome'] = 'kept',
): void {
  const seen = value === undefined ? {} : { value: shown(value) }
  reading.found.push({ flaw: { place: reading.place, field, reason, ...seen, outcome } })
}
