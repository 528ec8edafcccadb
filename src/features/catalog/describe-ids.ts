/** Ids of what is said of an offering: the same detail of the same owner has the same id in every publication. */
import { createHash } from 'node:crypto'
import type { DirectoryRecord, JsonValue, RecordKind } from '../directory/record.ts'

/** Any fixed uuid would do; changing it would change the ids of every detail ever published. */
const NAMESPACE = Buffer.from('6f1c2b7e0d5a4c3e9b8f2a71d40c95e3', 'hex')

/** A name-based uuid (RFC 9562, version 5). */
export function namedId(...names: string[]): string {
  const digest = createHash('sha1').update(NAMESPACE).update(JSON.stringify(names)).digest()
  digest[6] = (digest[6]! & 0x0f) | 0x50
  digest[8] = (digest[8]! & 0x3f) | 0x80
  const hex = digest.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

/** A record with what is told: fields without a value, or with blank text, are left out. */
export function recordOf(
  kind: RecordKind,
  id: string,
  fields: Record<string, JsonValue | undefined>,
): DirectoryRecord {
  const told = Object.entries(fields).filter(
    (entry): entry is [string, JsonValue] => entry[1] !== undefined && entry[1] !== null && entry[1] !== '',
  )
  return { kind, id, fields: Object.fromEntries(told) }
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
