/** The tabular form of the directory, described as a Frictionless Tabular Data Package. */
import type { Field } from './field.ts'
import { KINDS } from './kinds.ts'
import { PROFILE_DESCRIPTIONS } from './profile-descriptions.ts'
import { PROFILE_VERSION, type Schema } from './profile-schemas.ts'
import { RECORD_KIND_NAMES, type RecordKind } from './record.ts'

/**
 * One resource for each of the kinds, in HSDS's files and columns, with the columns of our Profile.
 * @param kinds Those that have a file; all unless told.
 * @param base Address of /hsds, where the package describes a deployment.
 */
export function datapackage(kinds: readonly RecordKind[] = RECORD_KIND_NAMES, base?: string): Schema {
  return {
    profile: 'tabular-data-package',
    name: 'lifecircle-directory',
    ...(base && { id: `${base}/datapackage.json`, homepage: `${base}/profile` }),
    version: PROFILE_VERSION,
    resources: kinds.map((kind) => resourceOf(kind, kinds)),
  }
}

function resourceOf(kind: RecordKind, present: readonly RecordKind[]): Schema {
  const { file, fields } = KINDS[kind]
  const columns = Object.entries(fields).map(([name, field]) => columnOf(kind, name, field))
  const id = { name: 'id', type: 'string', format: 'uuid', constraints: { required: true, unique: true } }
  const links = Object.entries(fields).flatMap(([name, { link }]) => foreignKey(kind, name, link, present))
  return {
    name: kind,
    path: file,
    profile: 'tabular-data-resource',
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    schema: {
      primaryKey: 'id',
      fields: [id, ...columns],
      ...(links.length > 0 && { foreignKeys: links }),
    },
  }
}

/** An empty resource name says that the link stays within its own table; a table that isn't there can't be named. */
function foreignKey(
  kind: RecordKind,
  fields: string,
  link: Field['link'],
  present: readonly RecordKind[],
): Schema[] {
  if (link === undefined || link === 'any' || !present.includes(link)) return []
  return [{ fields, reference: { resource: link === kind ? '' : link, fields: 'id' } }]
}

const TEMPORAL = new Map([
  ['date', 'date'],
  ['time', 'time'],
  ['date-time', 'datetime'],
])

/** Objects stand as JSON in a cell, which Frictionless reads as of type `object`. */
function columnOf(kind: RecordKind, name: string, { type, format, codes, required }: Field): Schema {
  const temporal = format && TEMPORAL.get(format)
  const description = PROFILE_DESCRIPTIONS[`${kind}.${name}`]
  return {
    name,
    type: temporal ?? type,
    ...(format && !temporal && { format }),
    ...(description && { description }),
    constraints: { required: required !== undefined, ...(codes && { enum: [...codes] }) },
  }
}
