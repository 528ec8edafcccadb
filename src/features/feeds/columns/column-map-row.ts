/** One row of a mapped file as records. Pure. */
import { KINDS } from '../../directory/kinds.ts'
import { pointFault } from '../checks/odd-values.ts'
import type { Flaw, RawRecord } from '../feed-item.ts'
import type { TableRow } from '../tabular/table-rows.ts'
import { textKey } from '../tabular/text-key.ts'
import type { ColumnMap, Expression, MapFile, MapRecord, Remark } from './column-map.ts'
import { SPLITTERS } from './column-map-functions.ts'
import { evaluated, filled, holds, type Scope } from './column-map-values.ts'

export interface MappedRow {
  /** The row's own records first. */
  records: RawRecord[]
  /** Which of the records are told once. */
  shared: Set<RawRecord>
  flaws: Flaw[]
}

/** Ids go into indexes; a longer one is replaced by a short stand-in. */
const LONGEST_ID = 160

/**
 * Makes the records of a row. A row that the map refuses, or for which no record stands, has a refused flaw and no
 * records. Coordinates that are blank or outside the map's box stay out of the records and are kept flaws.
 */
export function mappedRow(
  map: ColumnMap,
  file: MapFile,
  row: TableRow,
  missing: (name: string) => void,
): MappedRow {
  const scope: Scope = { values: { ...row.values }, tables: map.tables, missing }
  const mapped: MappedRow = { records: [], shared: new Set(), flaws: [] }
  const note = (field: string | null, reason: string, outcome: Flaw['outcome'], value?: string) =>
    mapped.flaws.push({
      place: row.place,
      field,
      reason,
      ...(value ? { value: value.slice(0, 200) } : {}),
      outcome,
    })
  for (const [name, expression] of Object.entries({ ...file.values, ...map.values })) {
    scope.values[name] = evaluated(file.values[name] ?? expression, scope)
  }
  for (const remark of file.refuse) {
    if (!applies(remark, scope)) continue
    note(columnOf(remark), remark.reason, 'refused', filled(remark.value, scope))
    return mapped
  }
  locate(map, file, scope, (reason, value) => note('latitude', reason, 'kept', value))
  for (const remark of file.flag) {
    if (applies(remark, scope)) note(columnOf(remark), remark.reason, 'kept', filled(remark.value, scope))
  }
  makeRecords(map, file, row, scope, mapped)
  if (!mapped.records.some((record) => record.row)) {
    mapped.records = []
    note(null, 'no record of the map stands for this row', 'refused')
  }
  mapped.records.sort((a, b) => Number(b.row ?? false) - Number(a.row ?? false))
  return mapped
}

function applies({ value, matches, not }: Remark, scope: Scope): boolean {
  return holds(matches === undefined ? { value, not: not! } : { value, matches }, scope)
}

/** The column or value that a remark looks at, if it is a single one. */
function columnOf({ value }: Remark): string | null {
  return /^\{([^{}]+)\}$/.exec(value)?.[1] ?? null
}

const UNMATCHED = 'out of distance matching unless another row places it'

/** Puts `latitude` and `longitude` into the scope; what speaks against the ones given keeps them out. */
function locate(
  { box }: ColumnMap,
  { point }: MapFile,
  scope: Scope,
  flag: (reason: string, value: string) => void,
): void {
  if (point === undefined) return
  const texts = [filled(point.latitude, scope).trim(), filled(point.longitude, scope).trim()] as const
  const [latitude, longitude] = texts.map(Number) as [number, number]
  const fault = texts.includes('') ? 'no coordinates' : faultOf(latitude, longitude, box)
  if (fault !== null) flag(`${fault}: ${UNMATCHED}`, texts.filter(Boolean).join(', '))
  scope.values.latitude = fault === null ? latitude : undefined
  scope.values.longitude = fault === null ? longitude : undefined
}

function faultOf(latitude: number, longitude: number, box: ColumnMap['box']): string | null {
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return 'coordinates that are no numbers'
  if (box === undefined) return pointFault(latitude, longitude)
  const { south, north, west, east } = box
  const inside = latitude > south && latitude < north && longitude > west && longitude < east
  return inside ? null : 'coordinates outside the box of the map'
}

function makeRecords(map: ColumnMap, file: MapFile, row: TableRow, scope: Scope, mapped: MappedRow): void {
  const ids = new Map<string, string>()
  for (const template of file.make.flatMap((name) => map.sets[name]!)) {
    for (const item of itemsOf(template, scope)) {
      const inner = item === undefined ? scope : { ...scope, values: { ...scope.values, item } }
      if (template.when !== undefined && !holds(template.when, inner)) continue
      const sourceId = idOf(template, inner)
      if (sourceId === null) continue
      const alias = template.as ?? template.kind
      if (!ids.has(alias)) ids.set(alias, sourceId)
      const record = made(template, sourceId, inner, ids, row)
      mapped.records.push(record)
      if (template.shared) mapped.shared.add(record)
    }
  }
}

function itemsOf({ each }: MapRecord, scope: Scope): (string | undefined)[] {
  if (each === undefined) return [undefined]
  return SPLITTERS[each.split](filled(each.from, scope))
}

function idOf({ id }: MapRecord, scope: Scope): string | null {
  const value = evaluated(id, scope)
  if (value === undefined || typeof value === 'object') return null
  const text = String(value)
  return text.length > LONGEST_ID ? textKey(text) : text
}

function made(
  { kind, fields, links, row: stands }: MapRecord,
  sourceId: string,
  scope: Scope,
  ids: ReadonlyMap<string, string>,
  { place }: TableRow,
): RawRecord {
  const record: RawRecord = { kind, sourceId, fields: {}, links: {}, place, ...(stands && { row: true }) }
  for (const [name, expression] of Object.entries(fields)) {
    const value = evaluated(expression, scope)
    if (value !== undefined) record.fields[name] = value
  }
  for (const [name, target] of Object.entries(links)) {
    const value = linkOf(target, scope, ids)
    if (value !== undefined) record.links[name] = value
  }
  return record
}

/** The id of another record of the row by its name, else whatever the expression says. */
function linkOf(target: Expression, scope: Scope, ids: ReadonlyMap<string, string>): string | undefined {
  if (typeof target === 'string' && !target.includes('{')) return ids.get(target)
  const value = evaluated(target, scope)
  if (value === undefined || typeof value === 'object') return undefined
  const text = String(value)
  return text.length > LONGEST_ID ? textKey(text) : text
}

/** Fields without which a record of the kind is none; they are told whenever a shared record is told again. */
export function requiredFields(kind: RawRecord['kind']): string[] {
  return Object.entries(KINDS[kind].fields).flatMap(([name, field]) => (field.required ? [name] : []))
}
