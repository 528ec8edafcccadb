/** `lifecircle import hsds|csv <source>`: a feed into the directory, every row accounted for. */
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ColumnMap, parseColumnMap } from '../features/feeds/columns/column-map.ts'
import { readReport } from '../features/feeds/list-import-flaws.ts'
import { getImport } from '../features/feeds/list-imports.ts'
import { failImport, performImport } from '../features/feeds/perform-import.ts'
import { reportText } from '../features/feeds/quarantine-report.ts'
import { FeedName, type FeedSource } from '../features/feeds/schemas.ts'
import { type ImportRow, orderImport } from '../features/feeds/start-import.ts'
import type { Encoding } from '../features/feeds/tabular/encoding.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import type { Sector } from '../features/identity/schemas.ts'
import { type Context, createContext, inTransaction } from '../platform/context.ts'
import { Refusal } from '../platform/errors.ts'
import { BadInput } from './bad-input.ts'
import { createImportProgress } from './import-progress.ts'
import { importSummary } from './import-summary.ts'
import { readText } from './input-file.ts'
import { withGround } from './open-ground.ts'
import { checkFolderFor } from './output-folder.ts'

export interface ImportCommand {
  /** Name of the feed; made of the source by default. */
  feed?: string
  /** Path of a column map. */
  map?: string
  encoding?: Encoding
  sector?: Sector
  dryRun?: boolean
  /** Path for the quarantine report; `.ndjson`, else CSV. */
  report?: string
  /** JSON, on a terminal too. */
  json?: boolean
}

/**
 * Imports the feed at `source` (a directory, a file or an http(s) address) and prints what became of it. Exit code 0
 * whatever is in the quarantine; 1 where the import can't be made, 2 for input that is no feed.
 */
export async function importFeed(source: string, command: ImportCommand): Promise<void> {
  const isUrl = /^https?:\/\//i.test(source)
  if (!isUrl) await requirePath(source)
  if (command.report !== undefined) await checkFolderFor(command.report, 'The report')
  const map = command.map === undefined ? null : await readMap(command.map)
  const feed = nameOfFeed(command.feed ?? defaultName(source, isUrl))
  const { encoding, sector, dryRun = false } = command
  const from: FeedSource = {
    format: 'auto',
    ...(isUrl ? { url: source } : { path: source }),
    ...(encoding && { encoding }),
  }
  await withGround(async (ground) => {
    const ctx = createContext({ ...ground, actor: SYSTEM })
    const ordered = { feed, source: from, content: null, map: map as never, dryRun, sector, attended: true }
    const { id } = await inTransaction(ctx, (ctx) => orderImport(ctx, ordered))
    await perform(ctx, id)
    const row = await getImport(ctx, id)
    if (command.report !== undefined) await writeReport(ctx, id, command.report)
    if (row.state === 'failed') throw new BadInput(row.failure ?? 'The import failed.')
    print(row, command)
  })
}

/** Performs the import in this process; where that goes wrong, it does not stay open. */
async function perform(ctx: Context, importId: string): Promise<void> {
  const progress = createImportProgress()
  const stopping = new AbortController()
  const stop = () => stopping.abort(new Refusal('unavailable', 'Stopped; nothing was changed.'))
  process.once('SIGINT', stop)
  try {
    await performImport(ctx, importId, {
      signal: stopping.signal,
      onProgress: progress.show,
      finish: async (work) => {
        await inTransaction(ctx, work)
        return true
      },
    })
  } catch (error) {
    const reason = error instanceof Refusal ? error.message : 'The import failed for an unexpected reason.'
    await inTransaction(ctx, (ctx) => failImport(ctx, importId, reason))
    throw error
  } finally {
    process.off('SIGINT', stop)
    progress.close()
  }
}

async function requirePath(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (!found) throw new BadInput(`${path} cannot be read: there is no such file or directory.`)
}

async function readMap(path: string): Promise<ColumnMap> {
  const text = await readText(path)
  try {
    return parseColumnMap(text)
  } catch (error) {
    throw new BadInput(`${path}: ${(error as Error).message}`)
  }
}

/** `./data/city-2026.zip` → `city-2026`, an address → its host. */
function defaultName(source: string, isUrl: boolean): string {
  if (isUrl) return URL.canParse(source) ? new URL(source).hostname : source
  return basename(source.replace(/[/\\]+$/, '')).replace(/\.(zip|json|ndjson|jsonl|csv|tsv|xml)$/i, '')
}

/** @throws BadInput where no name can be made; `--feed` then gives one. */
function nameOfFeed(name: string): string {
  const parsed = FeedName.safeParse(name)
  if (parsed.success) return parsed.data
  throw new BadInput(`${JSON.stringify(name)} can't be the name of a feed; give one with --feed.`)
}

async function writeReport(ctx: Context, importId: string, path: string): Promise<void> {
  const format = /\.(ndjson|jsonl)$/i.test(path) ? 'ndjson' : 'csv'
  await pipeline(Readable.from(reportText(readReport(ctx, importId), format)), createWriteStream(path))
}

function print(row: ImportRow, { json, report }: ImportCommand): void {
  const { id, feed, dryRun, result } = row
  const isPlain = json || !process.stdout.isTTY
  const text = isPlain ? JSON.stringify({ id, feed, dryRun, ...result }) : importSummary(row, report)
  process.stdout.write(`${text}\n`)
}
