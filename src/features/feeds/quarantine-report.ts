/** The quarantine report as a file: CSV for people with spreadsheets, NDJSON for programs. */
import { stringify } from 'csv-stringify/sync'
import type { ImportFlaw } from './schemas.ts'

const COLUMNS = ['file', 'line', 'field', 'reason', 'value', 'outcome'] as const

type Reported = Pick<ImportFlaw, (typeof COLUMNS)[number]>

/** Text of the report, batch by batch. */
export async function* reportText(
  batches: AsyncIterable<readonly Reported[]>,
  format: 'csv' | 'ndjson',
): AsyncGenerator<string> {
  if (format === 'csv') yield stringify([[...COLUMNS]])
  for await (const batch of batches) {
    if (format === 'csv') yield stringify(batch.map(cellsOf))
    else yield batch.map((flaw) => `${JSON.stringify(shown(flaw))}\n`).join('')
  }
}

function shown(flaw: Reported): Reported {
  return Object.fromEntries(COLUMNS.map((name) => [name, flaw[name]])) as Reported
}

/** Values come from strangers: one that a spreadsheet would take for a formula is kept from being one. */
function cellsOf(flaw: Reported): (string | number)[] {
  return COLUMNS.map((name) => {
    const cell = flaw[name] ?? ''
    return typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  })
}
