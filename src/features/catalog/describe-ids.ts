/** Ids of what is said of an offering: the same detail of the same owner has the same id in every publication. */
import { hash } from 'node:crypto'
import type { DirectoryRecord, JsonValue, RecordKind } from '../directory/record.ts'

/** Any fixed uuid would do; changing it would change the ids of every detail ever published. */
const NAMESPACE = Buffer.from('6f1c2b7e0d5a4c3e9b8f2a71d40c95e3', 'hex')

/** A name-based uuid (RFC 9562, version 5). By the one-shot hash: a bulk publication has tens of thousands of details. */
export function namedId(...names: string[]): string {
  const digits = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(JSON.stringify(names))]))
  const variant = ((Number.parseInt(digits[16]!, 16) & 0x3) | 0x8).toString(16)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`
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
