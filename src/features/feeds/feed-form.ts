/** What a file of a feed is, by its name and its first bytes. */
import type { FeedFile } from './tabular/feed-files.ts'
import { isTableFile } from './tabular/tabular-names.ts'

/** `taxonomy`: Open Eligibility as JSON. `api`: the root of an HSDS API. `other`: nothing that is read. */
export type FeedForm = 'tabular' | 'zip' | 'json' | 'ndjson' | 'api' | 'xml' | 'taxonomy' | 'other'

const HEAD = 64 * 1024

/** Looks into files that are not tables by their name. */
export async function formOf(file: FeedFile): Promise<FeedForm> {
  if (/(^|\/)datapackage\.json$/i.test(file.name)) return 'other'
  if (isTableFile(file.name)) return 'tabular'
  const head = await headOf(file)
  if (head.startsWith('PK\u0003\u0004')) return 'zip'
  const text = head.replace(/^\uFEFF/, '').trimStart()
  if (text.startsWith('<')) return 'xml'
  if (/\.(ndjson|jsonl)$/i.test(file.name)) return 'ndjson'
  if (text.startsWith('[') || text.startsWith('{')) return jsonForm(text)
  return /\.json$/i.test(file.name) ? 'json' : 'other'
}

function jsonForm(text: string): FeedForm {
  if (/^\{\s*"taxonomy"\s*:\s*\{\s*"top_level"/.test(text)) return 'taxonomy'
  // What the root of an API answers (version, profile, openapi_url); no record has such a property.
  if (text.startsWith('{') && /"openapi_url"\s*:/.test(text.slice(0, 4096))) return 'api'
  const [first = '', second = ''] = text.split('\n', 2)
  return isObject(first) && isObject(second) ? 'ndjson' : 'json'
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

async function headOf(file: FeedFile): Promise<string> {
  let head = ''
  for await (const chunk of file.open()) {
    head += Buffer.from(chunk).toString('utf8')
    if (head.length >= HEAD) break
  }
  return head.slice(0, HEAD)
}
