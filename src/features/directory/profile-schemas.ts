/**
 * Our Profile of HSDS 3.1 as documents, all made from the table of kinds: for each object a merge patch (RFC 7386)
 * against the standard's schema, and the schema that results. Names, types, formats and codes are the standard's;
 * descriptions are our own and stand with the Profile's fields alone.
 */
import type { Field } from './field.ts'
import { KINDS } from './kinds.ts'
import { PROFILE_DESCRIPTIONS } from './profile-descriptions.ts'
import { RECORD_KIND_NAMES, type RecordKind } from './record.ts'
import { followed, listView } from './views.ts'

export const HSDS_VERSION = '3.1'
/** Of the Profile itself, by Semantic Versioning: it changes when a field does, whatever HSDS's version is. */
export const PROFILE_VERSION = '1.0.0'

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

export type Schema = { [keyword: string]: unknown }

/** Ways back that only the compiled form of their root shows: between modules they would go in a circle. */
const COMPILED_ONLY = new Set(['organization.services', 'service_at_location.service'])

/** What a merge patch for the standard's schema of this object adds. @param base Address of /hsds. */
export function profilePatch(kind: RecordKind, base: string): Schema {
  const { fields, many } = KINDS[kind]
  const added = [
    ...Object.entries(fields).flatMap(([name, field]) =>
      field.profile ? [[name, described(kind, name, propertyOf(field))] as const] : [],
    ),
    ...Object.entries(many).flatMap(([name, collection]) =>
      collection.profile ? [[name, described(kind, name, listOf(`${collection.kind}.json`))] as const] : [],
    ),
  ]
  return {
    ...identity(`${base}/schema/${kind}.json`),
    ...(added.length > 0 && { properties: Object.fromEntries(added) }),
  }
}

/** The standard's schema of an object with the Profile's patch merged in. @param base Address of /hsds. */
export function mergedSchema(kind: RecordKind, base: string): Schema {
  return { ...identity(`${base}/schema/${kind}.json`), ...moduleOf(kind, (named) => `${named}.json`) }
}

const COMPILED = ['service', 'organization', 'service_at_location'] as const
export const COMPILED_NAMES = COMPILED.flatMap((kind) => [kind, `${kind}_list` as const])
export type CompiledName = (typeof COMPILED_NAMES)[number]

/** The schema of what a list or a single object of the API answers, in one document. @param base Address of /hsds. */
export function compiledSchema(name: CompiledName, base: string): Schema {
  const $id = `${base}/schema/compiled/${name}.json`
  const root = COMPILED.find((kind) => kind === name)
  if (root === undefined) return { ...identity($id), ...listed(name.slice(0, -'_list'.length) as RecordKind) }
  const reference = (kind: RecordKind) => `#/$defs/${kind}`
  const whole = moduleOf(root, reference)
  return {
    ...identity($id),
    ...whole,
    properties: { ...(whole.properties as Schema), ...wayBack(root, reference) },
    $defs: Object.fromEntries(RECORD_KIND_NAMES.map((kind) => [kind, moduleOf(kind, reference)])),
  }
}

const identity = ($id: string) => ({ $schema: DIALECT, $id, version: PROFILE_VERSION })

type ToReference = (kind: RecordKind) => string

function moduleOf(kind: RecordKind, reference: ToReference): Schema {
  const { file, fields, one, many } = KINDS[kind]
  const inModule = ([name]: [string, unknown]) => !COMPILED_ONLY.has(`${kind}.${name}`)
  const references = Object.entries(one).filter(inModule)
  const collections = Object.entries(many).filter(inModule)
  return {
    name: kind,
    path: file,
    type: 'object',
    properties: {
      ...fieldsOf(kind),
      ...Object.fromEntries(references.map(([name, to]) => [name, { $ref: reference(to.kind) }])),
      ...Object.fromEntries(
        collections.map(([name, of]) => [name, described(kind, name, listOf(reference(of.kind)))]),
      ),
    },
    required: requiredOf(kind),
    ...tabularRequired(fields),
  }
}

function wayBack(root: (typeof COMPILED)[number], reference: ToReference): Schema {
  if (root === 'organization') return { services: listOf(reference('service')) }
  return root === 'service_at_location' ? { service: { $ref: reference('service') } } : {}
}

/** An object of a list: its own fields, and the objects that stand beside them, spelled out. */
function listed(kind: RecordKind): Schema {
  const { one } = followed(listView, kind)
  const nested = one.map(([name, to]) => [name, listed(to.kind)])
  return {
    name: kind,
    path: KINDS[kind].file,
    type: 'object',
    properties: { ...fieldsOf(kind), ...Object.fromEntries(nested) },
    required: requiredOf(kind),
    ...tabularRequired(KINDS[kind].fields),
  }
}

function fieldsOf(kind: RecordKind): Schema {
  const fields = Object.entries(KINDS[kind].fields)
  const columns = fields.map(([name, field]) => [name, described(kind, name, propertyOf(field))])
  return { id: { type: 'string', format: 'uuid' }, ...Object.fromEntries(columns) }
}

function requiredOf(kind: RecordKind): string[] {
  const { fields, one } = KINDS[kind]
  const always = Object.entries(fields).filter(([, field]) => field.required === 'always')
  const needed = Object.entries(one).filter(([, reference]) => reference.required)
  return ['id', ...always.map(([name]) => name), ...needed.map(([name]) => name)]
}

function tabularRequired(fields: Readonly<Record<string, Field>>): Schema {
  const needed = Object.entries(fields).filter(([, field]) => field.required === 'tabular')
  return needed.length > 0 ? { tabular_required: needed.map(([name]) => name) } : {}
}

const listOf = ($ref: string) => ({ type: 'array', items: { $ref } })

function described(kind: RecordKind, name: string, schema: Schema): Schema {
  const description = PROFILE_DESCRIPTIONS[`${kind}.${name}`]
  return description === undefined ? schema : { ...schema, description }
}

/** Dates and times have no format in HSDS's schemas: only its data package says what they are. */
const DATAPACKAGE_TYPE: Partial<Record<NonNullable<Field['format']>, string>> = {
  date: 'date',
  time: 'time',
  'date-time': 'datetime',
}

function propertyOf({ type, format, codes }: Field): Schema {
  const temporal = format && DATAPACKAGE_TYPE[format]
  return {
    type,
    ...(format && (!temporal || format === 'date-time') && { format }),
    ...(temporal && { datapackage_type: temporal }),
    ...(codes && { enum: [...codes] }),
  }
}
