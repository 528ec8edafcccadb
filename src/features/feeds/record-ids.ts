/** Ids of records that a feed names in its own way: the same source id gives the same id in every import. */
import { bytesOfUuid, namedUuid } from '../../platform/ids.ts'
import { KINDS } from '../directory/kinds.ts'
import { RECORD_KIND_NAMES, type RecordKind } from '../directory/record.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Namespace of all feeds' names, drawn once; every imported id depends on it. */
const FEEDS = bytesOfUuid('6f9ae2a4-3c1d-4b58-9d0e-5a7c21b8f043')

/** Turns a feed's ids into ours. */
export type IdsOf = (kind: RecordKind, sourceId: string) => string

/**
 * A source id that is a uuid is the record's id already, so that feeds which share records agree; any other is one
 * within the feed and the kind.
 * @param feed the feed's name.
 * @param own source id under which the feed lists the organization that imports it, and that organization's id.
 */
export function idsOf(feed: string, own?: { sourceId: string; id: string } | null): IdsOf {
  const namespace = bytesOfUuid(namedUuid(FEEDS, feed))
  return (kind, sourceId) => {
    if (own && kind === 'organization' && sourceId === own.sourceId) return own.id
    return UUID.test(sourceId) ? sourceId.toLowerCase() : namedUuid(namespace, `${kind} ${sourceId}`)
  }
}

/** `services`, `service`, `service.csv` … → the kind, as `link_entity` and `resource_type` spell it. */
const KIND_BY_WORD = new Map(
  RECORD_KIND_NAMES.flatMap((kind) => [
    [kind, kind],
    [`${kind}s`, kind],
    [KINDS[kind].file.replace('.csv', ''), kind],
  ]),
)

/** The kind that a word of a feed means; null if none. */
export function kindOfWord(word: unknown): RecordKind | null {
  const spelled = String(word)
    .toLowerCase()
    .replace(/\.csv$/, '')
    .replace(/[\s-]+/g, '_')
  return (KIND_BY_WORD.get(spelled) as RecordKind | undefined) ?? null
}
