/** Ids of what is said of an offering: the same detail of the same owner has the same id in every publication. */
import { bytesOfUuid, namedUuid } from '../../platform/ids.ts'
import type { DirectoryRecord, JsonValue, RecordKind } from '../directory/record.ts'

/** Any fixed uuid would do; changing it would change the ids of every detail ever published. */
const NAMESPACE = bytesOfUuid('6f1c2b7e-0d5a-4c3e-9b8f-2a71d40c95e3')

/** The id of what these names tell apart. */
export function namedId(...names: string[]): string {
  return namedUuid(NAMESPACE, JSON.stringify(names))
}

/** A record with what is told: fields without a value, or with blank text, are left out. */
export function recordOf(
  kind: RecordKind,
  id: string,
  fields: Record<string, JsonValue | undefined>,
): DirectoryRecord {
  const told: DirectoryRecord['fields'] = {}
  for (const name of Object.keys(fields)) {
    const value = fields[name]
    if (value !== undefined && value !== null && value !== '') told[name] = value
  }
  return { kind, id, fields: told }
}

/** A detail that hangs below an owner; `key` tells it from the owner's others of its kind. */
export function detailOf(
  kind: RecordKind,
  ownerId: string,
  key: string,
  fields: Record<string, JsonValue | undefined>,
): DirectoryRecord {
  return recordOf(kind, namedId(ownerId, kind, key), fields)
}
