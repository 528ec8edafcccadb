/** Between a record and its row: links in columns of their own, the rest as one document. */
import { hash } from 'node:crypto'
import { canonicalJson } from '../../platform/audit/canonical-json.ts'
import { type DirectoryRecord, type JsonValue, LINK_NAMES, type LinkName, type RecordKind } from './record.ts'

export type Links = Record<LinkName, string | null>

/** What of a record is stored, without when and from where. */
export interface RecordRow extends Links {
  kind: RecordKind
  id: string
  fields: Record<string, JsonValue>
  digest: string
}

const NO_LINKS = Object.fromEntries(LINK_NAMES.map((name) => [name, null])) as Links

/**
 * The row of a record; its digest changes exactly when links or fields do. Some hundred thousand times in a large
 * import: hence the one-shot hash, and loops in place of lists of pairs.
 */
export function toRecordRow({ kind, id, fields }: DirectoryRecord): RecordRow {
  const row: RecordRow = { kind, id, ...NO_LINKS, fields: {}, digest: hash('sha256', canonicalJson(fields)) }
  for (const name of Object.keys(fields)) {
    if (isLink(name)) row[name] = (fields[name] as string | null) ?? null
    else row.fields[name] = fields[name]!
  }
  return row
}

const isLink = (name: string): name is LinkName => Object.hasOwn(NO_LINKS, name)

/** The record of a row. */
export function toRecord(row: Pick<RecordRow, 'kind' | 'id' | 'fields'> & Links): DirectoryRecord {
  const fields: DirectoryRecord['fields'] = {}
  for (const name of LINK_NAMES) if (row[name] !== null) fields[name] = row[name]
  return { kind: row.kind, id: row.id, fields: Object.assign(fields, row.fields) }
}
