/** A feed in JSON: which of its forms it has, and the records of each. */
import type { RecordKind } from '../../directory/record.ts'
import type { FeedItem } from '../feed-item.ts'
import { readDocument } from './json-document.ts'
import { flatten, isObject, type Told } from './json-flatten.ts'
import { kindOfFile, kindOfTable, recognizeKind } from './json-kind.ts'
import { readJsonLines } from './json-lines.ts'
import { mergeSightings } from './json-merge.ts'

export interface JsonFile {
  /** Its name in the feed, for places; it also tells apart kinds whose properties are alike. */
  name: string
  chunks: AsyncIterable<Uint8Array>
  form: 'document' | 'lines'
}

/** The lists of page envelopes: of HSDS 3, and of the older APIs of Open Referral UK. */
const PAGE_LISTS = new Set(['contents', 'content'])

/**
 * The records of files that hold HSDS objects in any of the official forms: an object with everything nested below it
 * (service, organization, service_at_location, location, taxonomy, taxonomy_term …), a list of them (the packages), a
 * page of an API (`{"contents": […]}`), the tabular data package as one document (`{"services.csv": […]}`), or
 * NDJSON. Each record comes once with the links of everywhere it stood (see `mergeSightings`), after all of the feed
 * has been read.
 *
 * Places name the line of NDJSON, and the ordinal of the top-level object in a document.
 *
 * An NDJSON line that can't be read is a refused flaw, and the rest goes on.
 * @throws Refusal `invalid_input` with file and line, for a document that can't be read.
 */
export function readJsonFeed(files: Iterable<JsonFile> | AsyncIterable<JsonFile>): AsyncGenerator<FeedItem> {
  return mergeSightings(sightingsOf(files))
}

async function* sightingsOf(files: Iterable<JsonFile> | AsyncIterable<JsonFile>): AsyncGenerator<FeedItem[]> {
  const told: Told = new Set()
  for await (const file of files) {
    const reading = { file: file.name, told, hint: kindOfFile(file.name), rows: 0 }
    yield* file.form === 'lines' ? fromLines(reading, file.chunks) : fromDocument(reading, file.chunks)
    yield [{ rows: { file: file.name, rows: reading.rows } }]
  }
}

interface Reading {
  file: string
  told: Told
  /** The kind of the file's name, then that of the object before. */
  hint: RecordKind | null
  rows: number
}

async function* fromLines(reading: Reading, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FeedItem[]> {
  for await (const given of readJsonLines(chunks)) {
    if ('value' in given) yield takeRow(reading, null, given.value, given.line)
    else yield refuseRow(reading, given.line, `the line ${given.fault}`)
  }
}

async function* fromDocument(
  reading: Reading,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<FeedItem[]> {
  let hasLists = false
  const isList = (name: string) =>
    PAGE_LISTS.has(name) || (name.endsWith('.csv') && kindOfTable(name) !== null)
  for await (const part of readDocument(reading.file, chunks, isList)) {
    if ('root' in part) yield takeRoot(reading, part.root, part.line, part.isReadable, hasLists)
    else {
      hasLists = true
      if (!part.isReadable) yield refuseRow(reading, null, notUtf8(part.line))
      else yield takeRow(reading, tableOf(part.list), part.item, null)
    }
  }
}

const tableOf = (list: string | null) => (list === null || PAGE_LISTS.has(list) ? null : kindOfTable(list))

const notUtf8 = (line: number) => `the object that begins in line ${line} holds bytes that are not UTF-8`

/** What is left of a root object: a record, lists that are named after kinds, or a page's counts. */
function takeRoot(
  reading: Reading,
  root: Record<string, unknown>,
  line: number,
  isReadable: boolean,
  hasLists: boolean,
): FeedItem[] {
  if (hasLists || Object.keys(root).some((name) => name.endsWith('.csv'))) {
    return refuseTables(reading, root)
  }
  if (!isReadable) return refuseRow(reading, null, notUtf8(line))
  if (isEmptyPage(root)) return []
  const lists = 'id' in root || 'name' in root ? [] : listsByKind(root)
  if (lists.length === 0) return takeRow(reading, null, root, null)
  return lists.flatMap(({ kind, items }) => items.flatMap((item) => takeRow(reading, kind, item, null)))
}

function refuseTables(reading: Reading, root: Record<string, unknown>): FeedItem[] {
  const strange = Object.entries(root).filter(([name]) => name.endsWith('.csv') && kindOfTable(name) === null)
  return strange.flatMap(([name, rows]) =>
    ([rows].flat() as unknown[]).flatMap(() => refuseRow(reading, null, 'HSDS has no such table', name)),
  )
}

function isEmptyPage(root: Record<string, unknown>): boolean {
  return [...PAGE_LISTS].some((name) => Array.isArray(root[name]) && root[name].length === 0)
}

function listsByKind(root: Record<string, unknown>): { kind: RecordKind; items: unknown[] }[] {
  return Object.entries(root).flatMap(([name, items]) => {
    const kind = Array.isArray(items) ? kindOfTable(name) : null
    return kind === null ? [] : [{ kind, items: items as unknown[] }]
  })
}

/**
 * @param line of the row; null in a document, where many objects may stand in one line and the row accounts need a
 *   number for each: its ordinal.
 */
function takeRow(
  reading: Reading,
  table: RecordKind | null,
  value: unknown,
  line: number | null,
): FeedItem[] {
  if (!isObject(value)) return refuseRow(reading, line, 'is not an object')
  const kind = table ?? recognizeKind(value, reading.hint)
  if (kind === null) return refuseRow(reading, line, UNRECOGNIZED)
  if (table === null) reading.hint = kind
  reading.rows++
  return flatten(kind, value, { file: reading.file, line: line ?? reading.rows }, reading.told)
}

const UNRECOGNIZED =
  'its properties fit no kind of HSDS record better than all others; a file named after its kind, such as organizations.json, says more'

function refuseRow(
  reading: Reading,
  line: number | null,
  reason: string,
  field: string | null = null,
): FeedItem[] {
  reading.rows++
  const place = { file: reading.file, line: line ?? reading.rows }
  return [{ flaw: { place, field, reason, outcome: 'refused' } }]
}
