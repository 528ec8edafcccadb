/** A feed that is an HSDS API: all of its lists, read to their end before anything is given on. */
import type { FeedItem } from '../feed-item.ts'
import { flatten, isObject, type Told } from '../json/json-flatten.ts'
import { mergeSightings } from '../json/json-merge.ts'
import { createLiveClient, invalid, type LiveClient, type LiveClientOptions } from './live-client.ts'
import { type Collection, readCollection } from './live-collection.ts'

export interface LiveProgress {
  /** The list being read, such as `services`. */
  collection: string
  /** Objects of it read so far. */
  done: number
  /** As the server announces it; null where it doesn't. */
  total: number | null
}

export interface LiveFeedOptions extends LiveClientOptions {
  onProgress?: (progress: LiveProgress) => void
}

const COLLECTIONS: readonly Collection[] = [
  { path: 'taxonomies', kind: 'taxonomy', hasFull: false },
  { path: 'taxonomy_terms', kind: 'taxonomy_term', hasFull: false },
  { path: 'organizations', kind: 'organization', hasFull: true },
  { path: 'services', kind: 'service', hasFull: true },
  { path: 'service_at_locations', kind: 'service_at_location', hasFull: true },
]

/**
 * The records of the API whose root is `root` (where `/services` stands below), each once. Lists that the API doesn't
 * have are noted; places name the address of the list and the ordinal of the object in it.
 *
 * Records come after the last page has been read, so that a server that fails in the middle changes nothing.
 * @throws Refusal `unavailable` when a page can't be had after three retries, `invalid_input` (pointer `/url`) for an
 *   address that may not be asked, is no HSDS API, or answers with what is not JSON.
 */
export function readLiveFeed(root: string, options: LiveFeedOptions): AsyncGenerator<FeedItem> {
  const client = createLiveClient(root, options)
  return mergeSightings(sightingsOf(client, options.onProgress ?? (() => {})))
}

async function* sightingsOf(
  client: LiveClient,
  onProgress: (progress: LiveProgress) => void,
): AsyncGenerator<FeedItem[]> {
  const told: Told = new Set()
  const root = client.name('')
  yield checkVersion(root, await client.get(client.address('')))
  let lists = 0
  for (const collection of COLLECTIONS) {
    const exists = yield* readList(client, collection, told, onProgress)
    if (exists) lists++
    else yield remark(root, 1, `the API has no list ${collection.path}`)
  }
  if (lists === 0) throw invalid(`${root} has none of the lists of an HSDS API`)
}

function checkVersion(root: string, answer: unknown): FeedItem[] {
  const version = isObject(answer) ? answer.version : undefined
  if (typeof version === 'string' && version.startsWith('3')) return []
  const told =
    version === undefined ? 'does not tell its version' : `is of version ${JSON.stringify(version)}`
  return remark(root, 1, `the API ${told}: read as HSDS 3.1`)
}

/** @returns Whether the API has the list. */
async function* readList(
  client: LiveClient,
  collection: Collection,
  told: Told,
  onProgress: (progress: LiveProgress) => void,
): AsyncGenerator<FeedItem[], boolean> {
  const file = client.name(collection.path)
  const parts = readCollection(client, collection)
  let rows = 0
  for (;;) {
    const { done, value: part } = await parts.next()
    if (done) {
      if (part) yield [{ rows: { file, rows } }]
      return part
    }
    if ('remark' in part) {
      yield remark(file, rows + 1, part.remark)
      continue
    }
    rows++
    const place = { file, line: rows }
    if (isObject(part.value)) yield flatten(collection.kind, part.value, place, told)
    else yield [{ flaw: { place, field: null, reason: 'is not an object', outcome: 'refused' } }]
    onProgress({ collection: collection.path, done: rows, total: part.total })
  }
}

function remark(file: string, line: number, reason: string): FeedItem[] {
  return [{ flaw: { place: { file, line }, field: null, reason, outcome: 'kept' } }]
}
