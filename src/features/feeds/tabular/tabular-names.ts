/** Which table of the standard a file holds, told by its name in any of the spellings in use. */
import { KINDS } from '../../directory/kinds.ts'
import type { RecordKind } from '../../directory/record.ts'
import { holdsTerms, LEGACY_COLUMNS, LEGACY_TABLES } from './legacy-tables.ts'
import type { TableShape } from './table-shape.ts'

const TABLE_FILE = /\.(csv|tsv|tab|txt)$/i

/** Whether the name is one of a table at all. */
export function isTableFile(name: string): boolean {
  return TABLE_FILE.test(name)
}

/** `data/HSDS-Services_at_Location.csv` → `service_at_location`. */
export function singular(name: string): string {
  const base = name
    .replace(/^.*\//, '')
    .replace(TABLE_FILE, '')
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
    .replace(/^(open_referral|hsds)_/, '')
  return base.split('_').map(singularWord).join('_')
}

function singularWord(word: string): string {
  if (/^(funding|metadata|accessibility|disabilities|address|status)$/.test(word)) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(ss|x|ch)es$/.test(word)) return word.slice(0, -2)
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

const BY_NAME: ReadonlyMap<string, TableShape> = new Map([
  ...Object.keys(KINDS).map((kind) => [singular(kind), shapeOfKind(kind as RecordKind)] as const),
  ...Object.entries(LEGACY_TABLES).map(([name, shape]) => [singular(name), shape] as const),
])

function shapeOfKind(kind: RecordKind): TableShape {
  return { kind, ...LEGACY_COLUMNS[kind] }
}

/** The table's shape by the file's (or the resource's) name and its columns; null for a name nobody knows. */
export function shapeOf(name: string, columns: readonly string[]): TableShape | null {
  const base = singular(name)
  if (base === 'taxonomy' && holdsTerms(columns)) return shapeOfKind('taxonomy_term')
  return BY_NAME.get(base) ?? null
}

/** Tables in an order in which a row comes after those it needs; side tables that others are read with come first. */
export function readingOrder(name: string): number {
  const base = singular(name)
  if (base === 'eligibility') return -1
  const shape = BY_NAME.get(base)
  return shape === undefined ? 1000 : Object.keys(KINDS).indexOf(shape.kind)
}
