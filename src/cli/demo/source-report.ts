/** Where a demo's figures come from: rows in and out of every file, and what is published and what assumed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { District, FileReport, QuarantineEntry } from './district.ts'

const SHOWN = 5

/** Writes the whole quarantine report beside the data, one JSON object a line. @returns its path; null when empty. */
export function writeQuarantine(directory: string, { quarantine }: District): string | null {
  if (quarantine.length === 0) return null
  const path = join(directory, 'quarantine.ndjson')
  mkdirSync(directory, { recursive: true })
  writeFileSync(path, quarantine.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  return path
}

/** The same for people: totals that add up, the first entries, every assumed rule. */
export function sourceReport(district: District, quarantineFile: string | null): string {
  const total = district.offerings.length
  const published = (what: 'capacity' | 'price') =>
    district.offerings.filter(({ origin }) => origin[what] === 'published').length
  return [
    '',
    `Source: ${district.source}. ${district.attribution}`,
    ...(district.files.length > 0
      ? [rowTotals(district), ...firstEntries(district.quarantine, quarantineFile)]
      : []),
    `Published figures: ${count(published('capacity'))} of ${count(total)} capacities, ${count(published('price'))} of ${count(total)} prices. Assumed:`,
    ...district.assumptions.map((sentence) => `  - ${sentence}`),
  ].join('\n')
}

function rowTotals({ files, quarantine }: District): string {
  const sum = (column: keyof Omit<FileReport, 'file'>) =>
    count(files.reduce((total, file) => total + file[column], 0))
  const flags = quarantine.filter(({ outcome }) => outcome === 'kept').length
  return `${files.length} files: ${sum('rows')} rows = ${sum('imported')} imported + ${sum('merged')} merged + ${sum('refused')} refused + ${sum('outOfScope')} elsewhere; ${count(flags)} flags on rows that were kept.`
}

function firstEntries(quarantine: readonly QuarantineEntry[], file: string | null): string[] {
  const lines = quarantine
    .slice(0, SHOWN)
    .map(({ file, line, reason, outcome }) => `  ${outcome}: ${file}:${line}: ${reason}`)
  return quarantine.length > SHOWN ? [...lines, `  … all ${count(quarantine.length)} in ${file}`] : lines
}

const count = (figure: number) => figure.toLocaleString('en-US')
