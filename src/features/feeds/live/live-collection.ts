/** All objects of one list of an HSDS API, page after page, each with everything nested in it. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../platform/audit/canonical-json.ts'
import { Refusal } from '../../../platform/errors.ts'
import { KINDS } from '../../directory/kinds.ts'
import type { RecordKind } from '../../directory/record.ts'
import { isObject } from '../json/json-flatten.ts'
import { invalid, type LiveClient } from './live-client.ts'
import { type Page, readPage } from './live-page.ts'

export interface Collection {
  /** The path below the API's root. */
  path: string
  kind: RecordKind
  /** Whether the list gives whole objects when it is asked for `full=true`. */
  hasFull: boolean
}

/** An object of the list with the number that the server announces, or a remark for the report of the import. */
export type CollectionPart = { value: unknown; total: number | null } | { remark: string }

const PER_PAGE = 100
const MOST_PAGES = 100_000
/** Objects asked for at the same time, where each has to be asked for on its own. */
const SIDE_BY_SIDE = 8
/** Objects asked for on their own in order to find out whether the list tells everything. */
const MOST_PROBES = 20

/**
 * Reads a list to its end. Servers that don't know `full=true` tell less in a list than of a single object: there
 * every object is asked for on its own.
 *
 * @returns Whether the API has the list.
 * @throws Refusal `unavailable` when a page can't be had, `invalid_input` when it is no page of a list.
 */
export async function* readCollection(
  client: LiveClient,
  collection: Collection,
): AsyncGenerator<CollectionPart, boolean> {
  const probe: Probe = { tellsAll: null, left: MOST_PROBES }
  let announced: number | null = null
  let seen = 0
  for await (const part of readPages(client, collection)) {
    if (part === null) return false
    if ('remark' in part) {
      yield part
      continue
    }
    announced = part.totalItems ?? announced
    await probeList(client, collection, part.items, probe)
    const values = probe.tellsAll === false ? wholeObjects(client, collection, part.items) : part.items
    for await (const value of values) {
      seen++
      yield { value, total: announced }
    }
  }
  if (announced !== null && seen < announced) {
    yield { remark: `the server announces ${announced} objects and gives ${seen}` }
  }
  return true
}

/** The pages in their order; null, and nothing else, where there is no such list. */
async function* readPages(
  client: LiveClient,
  { path, hasFull }: Collection,
): AsyncGenerator<Page | { remark: string } | null> {
  const known = new Set<string>()
  for (let number = 1; number <= MOST_PAGES; number++) {
    const paging = { page: String(number), per_page: String(PER_PAGE) }
    const address = client.address(path, hasFull ? { full: 'true', ...paging } : paging)
    const answer = await client.get(address)
    // Some servers say 404 behind the last page.
    if (answer === undefined && number > 1) return
    const page = answer === undefined ? null : readPage(answer)
    if (page === null) {
      if (answer === undefined) yield null
      else throw invalid(`${address} answers with something else than a page of a list`)
      return
    }
    const digest = createHash('sha256').update(canonicalJson(page.items)).digest('base64')
    if (page.items.length > 0 && known.has(digest)) {
      yield {
        remark: `page ${number} repeats an earlier one: the server has no more pages, or can't turn them`,
      }
      return
    }
    known.add(digest)
    yield page
    if (page.isLast || (page.totalPages !== null && number >= page.totalPages)) return
  }
  throw new Refusal('unavailable', `The feed can't be read: ${client.address(path)} has no last page.`)
}

interface Probe {
  /** Null: what was looked at has nothing nested, neither in the list nor on its own. */
  tellsAll: boolean | null
  left: number
}

async function probeList(
  client: LiveClient,
  { path, kind }: Collection,
  items: readonly unknown[],
  probe: Probe,
): Promise<void> {
  const nested = [...Object.keys(KINDS[kind].many), ...Object.keys(KINDS[kind].one)]
  for (const item of items) {
    if (probe.tellsAll !== null || probe.left === 0) return
    const id = idOf(item)
    if (id === null) continue
    probe.left--
    const whole = await client.get(client.address(`${path}/${encodeURIComponent(id)}`))
    const more = isObject(whole) ? nested.filter((name) => isTold(whole[name])) : null
    if (more === null) probe.tellsAll = true
    else if (more.length > 0) {
      probe.tellsAll = more.every((name) => isTold((item as Record<string, unknown>)[name]))
    }
  }
}

function isTold(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value)
}

/** Each object as it is told on its own; as the list has it, where it can't be had so. */
async function* wholeObjects(
  client: LiveClient,
  { path }: Collection,
  items: readonly unknown[],
): AsyncGenerator<unknown> {
  const whole = async (item: unknown) => {
    const id = idOf(item)
    if (id === null) return item
    const told = await client.get(client.address(`${path}/${encodeURIComponent(id)}`))
    return isObject(told) ? told : item
  }
  for (let at = 0; at < items.length; at += SIDE_BY_SIDE) {
    yield* await Promise.all(items.slice(at, at + SIDE_BY_SIDE).map(whole))
  }
}

function idOf(item: unknown): string | null {
  if (!isObject(item)) return null
  const { id } = item
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : null
}
