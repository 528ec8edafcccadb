/** Real feeds from their files into a world and out again, as the commands `import` and `export` take them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { datapackage } from '../../../src/features/directory/datapackage.ts'
import type { JsonValue } from '../../../src/features/directory/record.ts'
import { parseColumnMap } from '../../../src/features/feeds/columns/column-map.ts'
import { exportDirectory } from '../../../src/features/feeds/exports/export-directory.ts'
import { directorySink, jsonSink } from '../../../src/features/feeds/exports/export-files.ts'
import { readReport } from '../../../src/features/feeds/list-import-flaws.ts'
import { getImport } from '../../../src/features/feeds/list-imports.ts'
import { performImport } from '../../../src/features/feeds/perform-import.ts'
import type { FeedSource, ImportResult } from '../../../src/features/feeds/schemas.ts'
import { type ImportRow, orderImport } from '../../../src/features/feeds/start-import.ts'
import { PUBLIC, SYSTEM } from '../../../src/features/identity/permissions.ts'
import { inTransaction } from '../../../src/platform/context.ts'
import type { TestWorld } from '../../support/test-world.ts'
import { performing } from './feed-world.ts'

const DATA = resolve(import.meta.dirname, '../../../../shared/data')
export const OHANA = join(DATA, 'ohana-sample')
export const EXAMPLES = join(DATA, 'hsds-3.1/examples')
/** The lists alone: beside them stand villages, which are areas and no services. */
export const TAIPEI_LISTS = join(DATA, 'taipei-ltc')

const MAPS = resolve(import.meta.dirname, '../../../src/features/feeds/maps')

/** The map by which the lists of the real city are read. */
export function taipeiMap(): JsonValue {
  return parseColumnMap(readFileSync(join(MAPS, 'taipei-ltc.yaml'), 'utf8')) as unknown as JsonValue
}

export interface Taken {
  feed: string
  path?: string
  url?: string
  map?: JsonValue
}

/** Imports a directory, a file or an address, and reads back what became of it. */
export async function takeFeed(
  world: TestWorld,
  { feed, path, url, map = null }: Taken,
): Promise<ImportRow & { result: ImportResult }> {
  // An address of a test is one of this machine.
  const system = { ...world.context(SYSTEM), allowPrivateUrls: true }
  const source: FeedSource = { format: 'auto', ...(path && { path }), ...(url && { url }) }
  const ordered = { feed, source, content: null, map, dryRun: false, attended: true }
  const { id } = await inTransaction(system, (ctx) => orderImport(ctx, ordered))
  await performImport(system, id, performing(system))
  const row = await getImport(system, id)
  if (row.state !== 'done') throw new Error(`The import is ${row.state}: ${row.failure}`)
  return row as ImportRow & { result: ImportResult }
}

export type ReportedFlaw = { file: string; line: number; field: string | null; reason: string } & {
  value: string | null
  outcome: 'kept' | 'refused'
}

/** The quarantine report of an import. */
export async function reportOf(world: TestWorld, { id }: { id: string }): Promise<ReportedFlaw[]> {
  const found: ReportedFlaw[] = []
  for await (const batch of readReport(world.context(SYSTEM), id)) found.push(...(batch as ReportedFlaw[]))
  return found
}

/** Exports what anybody may see as a directory of CSV files. @returns the number of records. */
export async function exportTables(world: TestWorld, path: string): Promise<number> {
  return sum(await exportDirectory(world.context(PUBLIC), directorySink(path, datapackage)))
}

/** The same as one JSON file. */
export async function exportJson(world: TestWorld, path: string): Promise<number> {
  return sum(await exportDirectory(world.context(PUBLIC), jsonSink(path)))
}

const sum = (counts: Partial<Record<string, number>>) =>
  Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0)

/** The files of a directory with what stands in them. */
export function textsOf(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  )
}
