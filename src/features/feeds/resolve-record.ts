/** From a record in the feed's ids to one in ours. */
import { KINDS } from '../directory/kinds.ts'
import type { DirectoryRecord, JsonValue, RecordKind } from '../directory/record.ts'
import type { RawRecord } from './feed-item.ts'
import { type IdsOf, kindOfWord } from './record-ids.ts'

/** The record of the directory that a checked record of a feed stands for; its links name our ids. */
export function resolveRecord({ kind, sourceId, fields, links }: RawRecord, idOf: IdsOf): DirectoryRecord {
  const resolved: Record<string, JsonValue> = { ...(fields as Record<string, JsonValue>) }
  for (const [name, target] of Object.entries(links)) {
    resolved[name] = idOf(targetKind(kind, name, fields), target)
  }
  return { kind, id: idOf(kind, sourceId), fields: resolved }
}

/** What a link names. Where a field beside it should tell and does not, the id stands within the kind itself. */
function targetKind(kind: RecordKind, name: string, fields: RawRecord['fields']): RecordKind {
  const target = KINDS[kind].fields[name]?.link ?? 'any'
  if (target !== 'any') return target
  return kindOfWord(fields.link_entity ?? fields.resource_type) ?? kind
}
