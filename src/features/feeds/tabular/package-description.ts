/** `datapackage.json`: which file is which table, where names alone would not tell. */
import { z } from '@hono/zod-openapi'
import type { Flaw } from '../feed-item.ts'
import { ENCODINGS, type Encoding } from './encoding.ts'
import type { FeedFile } from './feed-file.ts'
import type { TableOptions } from './table-rows.ts'
import { isTableFile } from './tabular-names.ts'

export interface TableDescription {
  /** The table's name: the resource's where the package describes it, else the file's. */
  name: string
  file: FeedFile
  options: TableOptions
}

const Resource = z.object({
  name: z.string().max(200).optional(),
  path: z.union([z.string(), z.array(z.string())]).optional(),
  encoding: z.string().optional(),
  dialect: z.object({ delimiter: z.string().length(1).optional() }).optional(),
})

const Package = z.object({ resources: z.array(Resource).max(1000) })

/** No description is longer; the official one has 130 kB. */
const LONGEST = 4 * 1024 * 1024

/**
 * The tables among the files. A description that cannot be read is a kept flaw, and names of files are used instead;
 * paths only pick among the files at hand, so none can lead outside.
 */
export async function describedTables(
  files: readonly FeedFile[],
  options: TableOptions,
): Promise<{ descriptions: TableDescription[]; flaws: Flaw[] }> {
  const flaws: Flaw[] = []
  const source = files.find(({ name }) => /(^|\/)datapackage\.json$/i.test(name))
  const resources = source === undefined ? [] : await resourcesOf(source, flaws)
  const folder = source?.name.replace(/[^/]*$/, '') ?? ''
  const descriptions = files
    .filter(
      (file) =>
        isTableFile(file.name) || resources.some(({ path }) => pathsOf(path, folder).includes(file.name)),
    )
    .map((file): TableDescription => {
      const found = resources.find(({ path }) => pathsOf(path, folder).includes(file.name))
      const delimiter = options.delimiter ?? found?.dialect?.delimiter
      const encoding = options.encoding ?? knownEncoding(found?.encoding)
      return { name: found?.name ?? file.name, file, options: { ...options, delimiter, encoding } }
    })
  return { descriptions, flaws }
}

async function resourcesOf(file: FeedFile, flaws: Flaw[]): Promise<z.infer<typeof Resource>[]> {
  try {
    return Package.parse(JSON.parse(await textOf(file))).resources
  } catch {
    const reason = 'not a description of a data package: tables are told by the names of the files'
    flaws.push({ place: { file: file.name, line: 1 }, field: null, reason, outcome: 'kept' })
    return []
  }
}

async function textOf(file: FeedFile): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of file.open()) {
    parts.push(part)
    length += part.length
    if (length > LONGEST) throw new Error('too long')
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
}

function pathsOf(path: string | string[] | undefined, folder: string): string[] {
  return [path ?? []].flat().map((one) => folder + one.replace(/^\.\//, ''))
}

function knownEncoding(name: string | undefined): Encoding | undefined {
  const bare = name?.toLowerCase()
  return ENCODINGS.find((encoding) => encoding === bare && encoding !== 'utf-8')
}
