/** One record of all the sightings of it in a feed. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../platform/audit/canonical-json.ts'
import { KINDS } from '../../directory/kinds.ts'
import { RECORD_KIND_NAMES, type RecordKind } from '../../directory/record.ts'
import type { FeedItem, Flaw, RawRecord } from '../feed-item.ts'
import { createSpool } from './json-spool.ts'
import { shown } from './json-values.ts'

/** Sightings remembered in order to pass over exact repetitions: an organization stands in each of its services. */
const MOST_REMEMBERED = 100_000

/**
 * Flaws and row counts as they come; then, once the feed has been read to its end, every record exactly once with the
 * fields and links of all its sightings, kinds that others link to before those that link to them. Whoever applies
 * them need not merge anything, and gets no record of a feed that turns out to be unreadable.
 *
 * Items come in batches, one per object of the feed: a step of an async generator for each record costs more than all
 * the rest. Memory is bounded: beyond 16 Mi characters the sightings wait in temporary files.
 */
export async function* mergeSightings(
  batches: AsyncIterable<readonly FeedItem[]>,
  mostInMemory?: number,
): AsyncGenerator<FeedItem> {
  const spool = createSpool(mostInMemory)
  const isRepetition = createMemory()
  try {
    for await (const items of batches) {
      for (const item of items) {
        if (!('record' in item)) yield item
        else if (!isRepetition(item.record)) spool.add(item.record)
      }
      if (spool.isFull) await spool.spill()
    }
    for (const kind of KINDS_IN_ORDER) {
      for await (const sightings of spool.groups(kind)) yield* merge(sightings)
    }
  } finally {
    await spool.close()
  }
}

/** Kinds before those that link to them; kinds that may stand under any other come last. */
const KINDS_IN_ORDER: readonly RecordKind[] = (() => {
  const order = new Set<RecordKind>()
  const linksOf = (kind: RecordKind) => Object.values(KINDS[kind].fields).flatMap(({ link }) => link ?? [])
  const visit = (kind: RecordKind, open: readonly RecordKind[]) => {
    if (order.has(kind) || open.includes(kind)) return
    for (const link of linksOf(kind)) if (link !== 'any') visit(link, [...open, kind])
    order.add(kind)
  }
  for (const kind of RECORD_KIND_NAMES) if (!linksOf(kind).includes('any')) visit(kind, [])
  for (const kind of RECORD_KIND_NAMES) visit(kind, [])
  return [...order]
})()

function createMemory(): (record: RawRecord) => boolean {
  const seen = new Set<string>()
  return ({ kind, sourceId, fields, links, row }) => {
    // A row is counted, however often it repeats.
    if (row) return false
    const digest = createHash('sha1')
      .update(JSON.stringify([kind, sourceId, fields, links]))
      .digest('base64')
    if (seen.has(digest)) return true
    if (seen.size >= MOST_REMEMBERED) seen.clear()
    seen.add(digest)
    return false
  }
}

/**
 * Of sightings that differ in a value or a link, that of the object at the top level counts, or else the first; the
 * flaw shows what was dropped. A row that stands in the feed a second time is refused: it adds to the first.
 */
export function merge(sightings: readonly RawRecord[]): FeedItem[] {
  const rows = sightings.filter(({ row }) => row)
  const [first, ...others] = [...rows, ...sightings.filter(({ row }) => !row)] as [RawRecord, ...RawRecord[]]
  const record: RawRecord = { ...first, fields: { ...first.fields }, links: { ...first.links } }
  const flaws: Flaw[] = []
  for (const other of others) {
    unite(record.fields, other.fields, (field, value) => flaws.push(conflict(other, field, value)))
    unite(record.links, other.links, (field, value) => flaws.push(conflict(other, field, value)))
  }
  const again = rows.slice(1).map((row) => repetition(row, first))
  return [{ record }, ...[...distinct(flaws), ...again].map((flaw) => ({ flaw }))]
}

function unite<Value>(
  into: Record<string, Value>,
  from: Record<string, Value>,
  clash: (name: string, value: Value) => void,
): void {
  for (const [name, value] of Object.entries(from)) {
    const there = Object.hasOwn(into, name) ? into[name] : undefined
    if (there === undefined) into[name] = value
    else if (there !== value && canonicalJson(there) !== canonicalJson(value)) clash(name, value)
  }
}

function conflict({ kind, sourceId, place }: RawRecord, field: string, value: unknown): Flaw {
  const reason = `the ${kind} ${sourceId} stands in the feed several times, and its copies differ: this value is dropped`
  return { place, field, reason, value: shown(value), outcome: 'kept' }
}

function repetition({ kind, sourceId, place }: RawRecord, first: RawRecord): Flaw {
  const reason = `the ${kind} ${sourceId} stands in ${first.place.file}, line ${first.place.line} already`
  return { place, field: 'id', reason, value: sourceId, outcome: 'refused' }
}

/** The same copy may have been seen under many owners. */
function distinct(flaws: readonly Flaw[]): Flaw[] {
  return [...new Map(flaws.map((flaw) => [`${flaw.field} ${flaw.value}`, flaw])).values()]
}
