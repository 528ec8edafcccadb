/** What became of an import, for people. */
import Table from 'cli-table3'
import type { KindCounts } from '../features/feeds/schemas.ts'
import type { ImportRow } from '../features/feeds/start-import.ts'

const COLUMNS = ['created', 'updated', 'unchanged', 'refused', 'missing'] as const

const figure = (count: number): string => (count === 0 ? '–' : count.toLocaleString('en-US'))

/** A table by kind, the rows of the files, the quarantine. @param report where the report was written. */
export function importSummary({ feed, dryRun, result }: ImportRow, report?: string): string {
  if (!result) return ''
  const table = new Table({
    head: ['records', ...COLUMNS],
    style: { head: [], border: [] },
    colAligns: ['left', ...COLUMNS.map(() => 'right' as const)],
  })
  const line = (name: string, counts: KindCounts) => [
    name,
    ...COLUMNS.map((column) => figure(counts[column])),
  ]
  for (const [kind, counts] of Object.entries(result.kinds)) table.push(line(kind, counts))
  table.push(line('in all', result.total))
  return [
    dryRun ? `${feed}: what an import would do; nothing was written.` : `${feed} is imported.`,
    table.toString(),
    rowsOf(result.files),
    `${figure(result.offerings)} offerings for matching. Nothing is deleted; missing = in the directory, not in the feed.`,
    quarantine(result.flaws, report),
  ].join('\n')
}

type Result = NonNullable<ImportRow['result']>

function rowsOf(files: Result['files']): string {
  const sum = (name: 'rows' | 'imported' | 'refused') => files.reduce((total, file) => total + file[name], 0)
  const [rows, imported, refused] = [sum('rows'), sum('imported'), sum('refused')]
  return `${figure(rows)} rows in ${files.length} files: ${figure(imported)} imported, ${figure(refused)} refused.`
}

function quarantine({ kept, refused }: Result['flaws'], report?: string): string {
  if (kept + refused === 0) return 'No flaw was found.'
  const where = report === undefined ? '--report FILE lists them' : `listed in ${report}`
  return `Quarantine: ${figure(refused)} refusals, ${figure(kept)} flaws that were kept (${where}).`
}
