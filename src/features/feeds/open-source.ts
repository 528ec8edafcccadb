/** Finds the reader for what an import names: a path, an address or content; in the import's thread. */
import { systemClock } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { ColumnMap } from './columns/column-map.ts'
import { readColumnMap } from './columns/column-map-reader.ts'
import { downloadFeed } from './download-feed.ts'
import { formOf } from './feed-form.ts'
import type { FeedItem } from './feed-item.ts'
import type { ImportRequest } from './import-protocol.ts'
import { readJsonFeed } from './json/json-feed.ts'
import { readLiveFeed } from './live/live-feed.ts'
import { type FeedFile, openFeedFiles } from './tabular/feed-files.ts'
import { readTabularPackage } from './tabular/tabular-package.ts'
import { openZip } from './tabular/zip-files.ts'
import { readOpenEligibilityJson, readOpenEligibilityXml } from './taxonomies/taxonomy-open-eligibility.ts'

/** The part of the request that says what is read and how. */
export type SourceRequest = Pick<ImportRequest, 'source' | 'content' | 'map' | 'allowPrivate'>

/**
 * The items of the feed.
 * @throws Refusal `invalid_input` where there is nothing to read or it is no feed, `unavailable` where the address does
 *   not answer.
 */
export async function* openSource(request: SourceRequest): AsyncGenerator<FeedItem> {
  const { source, content, allowPrivate } = request
  if (source.url === undefined) {
    const files = content === null ? await filesAt(source.path ?? '') : [contentFile(content, request)]
    yield* readFiles(files, request)
    return
  }
  const options = { allowPrivate, clock: systemClock }
  if (source.format === 'api') {
    yield* readLiveFeed(source.url, options)
    return
  }
  const download = await downloadFeed(source.url, { allowPrivate })
  try {
    const [file] = await filesAt(download.path)
    const form = source.format === 'auto' ? await formOf(file!) : source.format
    if (form === 'api') yield* readLiveFeed(source.url, options)
    else if (form === 'zip') yield* readFiles(await attempt(() => openZip(download.path)), request)
    else yield* readFiles([{ ...file!, name: download.name }], request)
  } finally {
    await download.remove()
  }
}

const filesAt = (path: string): Promise<FeedFile[]> => attempt(() => openFeedFiles(path))

/** The readers of files and archives say in one sentence what is wrong, which is what a refusal is. */
async function attempt<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error)) throw error
    throw new Refusal('invalid_input', error.message, { cause: error })
  }
}

function contentFile(content: string, { map, source }: SourceRequest): FeedFile {
  const isTable = map !== null || source.format === 'tabular'
  return {
    name: isTable ? 'content.csv' : 'content',
    open: async function* () {
      yield Buffer.from(content)
    },
  }
}

/** Reads files by what they are: through the map, as tables where there is one, else as JSON or a taxonomy. */
async function* readFiles(
  files: readonly FeedFile[],
  { source, map }: SourceRequest,
): AsyncGenerator<FeedItem> {
  const { encoding, format } = source
  if (map !== null) {
    const parsed = ColumnMap.parse(map)
    const entries = parsed.files.map((entry) => ({ encoding, ...entry }))
    yield* readColumnMap(files, { ...parsed, files: entries })
    return
  }
  const forms = await formsOf(files, format)
  const tables = forms.filter(({ form }) => form === 'tabular')
  if (tables.length > 0) {
    yield* readTabularPackage(files, { encoding })
    return
  }
  const taxonomies = forms.filter(({ form }) => form === 'xml' || form === 'taxonomy')
  for (const { file, form } of taxonomies) {
    const text = await textOf(file)
    yield* form === 'xml' ? readOpenEligibilityXml(file.name, text) : readOpenEligibilityJson(file.name, text)
  }
  const documents = forms.flatMap(({ file, form }) =>
    form === 'json' || form === 'ndjson' ? [{ file, form }] : [],
  )
  if (documents.length === 0 && taxonomies.length === 0) {
    throw new Refusal('invalid_input', 'There is nothing in it that could be read as a feed.')
  }
  yield* readJsonFeed(
    documents.map(({ file, form }) => ({
      name: file.name,
      chunks: file.open(),
      form: form === 'json' ? ('document' as const) : ('lines' as const),
    })),
  )
}

async function formsOf(files: readonly FeedFile[], format: SourceRequest['source']['format']) {
  const given = files.length === 1 && (format === 'tabular' || format === 'json' || format === 'ndjson')
  if (given) return [{ file: files[0]!, form: format }]
  return Promise.all(files.map(async (file) => ({ file, form: await formOf(file) })))
}

const LONGEST_TAXONOMY = 32 * 1024 * 1024

async function textOf(file: FeedFile): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of file.open()) {
    bytes += chunk.length
    if (bytes > LONGEST_TAXONOMY)
      throw new Refusal('invalid_input', `${file.name} is too large for a taxonomy.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
