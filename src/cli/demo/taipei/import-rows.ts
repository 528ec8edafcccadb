/** Turns the rows of one list into units and offerings, and accounts for every row. */

import { plain } from '../../../features/feeds/columns/taipei/address.ts'
import type { DistrictOffering, FileReport, QuarantineEntry } from '../district.ts'
import { TERMS } from '../terms.ts'
import { capacityOf, type Figure, priceOf } from './figures.ts'
import { type Location, locate } from './locate.ts'
import type { Places } from './places.ts'
import { districtsServed, villageCodes, villagesServed } from './service-area.ts'
import type { Service, Source } from './sources.ts'
import type { Table, TableRow } from './table.ts'
import { digest, type Registry, type Unit, unitFor } from './units.ts'

/** The lists were drawn up around the population figures: December 2024. */
export const DATA_DATE = '20241231'

export interface Import {
  places: Places
  /** Null for the whole city. */
  scope: string | null
  registry: Registry
  files: FileReport[]
  quarantine: QuarantineEntry[]
}

interface Row {
  source: Source
  line: number
  name: string
  values: Record<string, string>
  location: Location
  /** Districts the list names; null where it says "not contracted". */
  served: string[] | null
  villages: string[]
}

interface Draft {
  service: Service
  capacity: Figure
  price: Figure
  serviceDistricts: string[]
}

type Outcome = 'imported' | 'merged' | 'refused' | 'outOfScope'

/** Imports one list; `rows = imported + merged + refused + outOfScope` holds by construction. */
export function importTable(state: Import, source: Source, table: Table): void {
  const report: FileReport = {
    file: source.file,
    rows: 0,
    imported: 0,
    merged: 0,
    refused: 0,
    outOfScope: 0,
  }
  state.files.push(report)
  for (const { line, reason } of table.faults) {
    report.rows += 1
    report.refused += 1
    note(state, source, line, null, reason, 'refused')
  }
  const listed = listedVillages(source, table, state.places)
  for (const row of table.rows) {
    report.rows += 1
    report[importRow(state, source, row, listed)] += 1
  }
}

function importRow(
  state: Import,
  source: Source,
  { line, values }: TableRow,
  listed: Map<string, Set<string>>,
): Outcome {
  const refuse = (field: string, reason: string): Outcome => {
    note(state, source, line, field, reason, 'refused')
    return 'refused'
  }
  const name = values[source.columns.name]!.trim()
  if (plain(name) === '') return refuse(source.columns.name, 'the unit has no name')
  if (closed(source, values)) return refuse(source.columns.ended!, 'the contract or the business has ended')
  const location = locate(values, source, state.places)
  const row: Row = {
    source,
    line,
    name,
    values,
    location,
    served: servedBy(state, source, values),
    villages: [],
  }
  row.villages = rowVillages(state, row, listed)
  const drafts: Draft[] = []
  for (const service of source.services) {
    if (!applies(service, values)) continue
    const capacity = capacityOf(service, values, `${location.address.key}|${plain(name)}`)
    if (typeof capacity === 'string') {
      const rule = service.capacity!
      return refuse('column' in rule ? rule.column : '', capacity)
    }
    drafts.push({ service, capacity, price: priceOf(service, values), serviceDistricts: area(row, service) })
  }
  const inside = drafts.filter((draft) => inScope(state, location, draft))
  return inside.length === 0 && drafts.length > 0 ? 'outOfScope' : settle(state, row, inside)
}

/** A passed end date alone is not an end: some rows carry one and still publish opening hours. */
function closed({ columns }: Source, values: Record<string, string>): boolean {
  if (columns.ended === undefined || columns.hours === undefined) return false
  return passed(values[columns.ended]!) && values[columns.hours]!.trim() === ''
}

function passed(date: string): boolean {
  return /^\d{8}$/.test(date) && date <= DATA_DATE
}

function applies(service: Service, values: Record<string, string>): boolean {
  if (service.when === undefined) return true
  return service.when.matches.test(values[service.when.column]!) !== (service.when.not ?? false)
}

function servedBy(state: Import, { columns }: Source, values: Record<string, string>): string[] | null {
  return columns.served === undefined ? [] : districtsServed(values[columns.served]!, state.places.districts)
}

/** The area a service covers: the list's, else its own district, or as far as it is near. */
function area({ served, location }: Row, service: Service): string[] {
  if (service.area === 'distance') return []
  if (served !== null && served.length > 0) return served
  const own = location.district === null ? [] : [location.district]
  return served === null || service.area === 'district' ? own : []
}

function inScope(state: Import, location: Location, { service, serviceDistricts }: Draft): boolean {
  if (state.scope === null) return true
  const mode = service.mode ?? TERMS[service.term].mode
  if (mode === 'onsite' || serviceDistricts.length === 0) return location.district === state.scope
  return serviceDistricts.includes(state.scope)
}

/** Adds the row's services to its unit and flags what is odd about the row. */
function settle(state: Import, row: Row, drafts: Draft[]): Outcome {
  const { source, line, name, values, location } = row
  const { columns } = source
  const { unit, known } = unitFor(state.registry, {
    file: source.file,
    line,
    kin: source.kin,
    name,
    ownership: columns.ownership === undefined ? '' : values[columns.ownership]!,
    served: columns.villages === undefined ? '' : values[columns.villages]!,
    location,
  })
  let added = 0
  for (const draft of drafts) {
    const offering = unit.offerings.get(draft.service.term)
    if (offering === undefined) {
      unit.offerings.set(draft.service.term, offeringOf(state, row, unit, draft))
      added += 1
    } else improve(state, offering, draft)
  }
  flag(state, row, !known)
  return known && added === 0 ? 'merged' : 'imported'
}

function offeringOf(state: Import, row: Row, unit: Unit, draft: Draft): DistrictOffering {
  const { service, capacity, price, serviceDistricts } = draft
  const term = TERMS[service.term]
  const mode = service.mode ?? term.mode
  const identity = `${service.term}|${row.source.file}|${row.location.address.key}|${plain(row.name)}|${row.villages}`
  return {
    ref: `offering:${digest(identity + (row.location.address.key === '' ? row.line : ''))}`,
    providerRef: unit.provider.ref,
    stationRef: unit.station.ref,
    name: `${term.label}: ${row.name.replace(/\s+/g, ' ')}`,
    category: term.category,
    term: service.term,
    // Without a contract with the city no public fund pays: outside the funded tiers.
    tier: row.served === null ? 'personalized' : term.tier,
    mode,
    unit: term.unit,
    price: price.value,
    capacity: placeholder(row.name) ? 0 : Math.round(capacity.value * share(state, mode, serviceDistricts)),
    staffMinutesPerUnit: term.staffMinutes,
    serviceDistricts,
    serviceVillages: row.villages,
    eligibility: term.eligibility,
    origin: { capacity: capacity.origin, price: price.origin },
  }
}

/** A home service of several districts gives the chosen one its share by residents aged 65 and over. */
function share({ scope, places }: Import, mode: string, serviceDistricts: string[]): number {
  if (scope === null || mode !== 'home' || !serviceDistricts.includes(scope)) return 1
  const all = serviceDistricts.reduce((sum, district) => sum + places.elderlyOf(district), 0)
  return places.elderlyOf(scope) / all
}

/** A published figure of a later list replaces an assumed one. */
function improve(state: Import, offering: DistrictOffering, draft: Draft): void {
  const { price, capacity } = draft
  if (offering.origin.price === 'assumed' && price.origin === 'published') {
    offering.price = price.value
    offering.origin.price = 'published'
  }
  if (offering.origin.capacity === 'assumed' && capacity.origin === 'published') {
    offering.capacity = Math.round(capacity.value * share(state, offering.mode, offering.serviceDistricts))
    offering.origin.capacity = 'published'
  }
}

/** `(待補)`, "to be filled": the list keeps a slot for a unit it does not name yet. */
function placeholder(name: string): boolean {
  return /^\((代|待)補\)$/.test(plain(name))
}

function flag(state: Import, row: Row, isNew: boolean): void {
  const { source, line, name, values, location } = row
  const { columns } = source
  const keep = (field: string, reason: string): void => note(state, source, line, field, reason, 'kept')
  for (const { field, reason } of location.flags) keep(field, reason)
  if (placeholder(name)) keep(columns.name, 'a slot without a unit: kept with no capacity')
  if (row.served === null) keep(columns.served!, 'not contracted: offered outside the funded tiers')
  if (source.secondary && isNew) keep(columns.name, 'not in the current list of care points: may have moved')
  if (columns.ended !== undefined && passed(values[columns.ended]!)) {
    keep(columns.ended, 'the contract date has passed, but opening hours are still published')
  }
  if (columns.villages !== undefined) flagArea(state, row, keep)
}

function flagArea(state: Import, row: Row, keep: (field: string, reason: string) => void): void {
  const field = row.source.columns.villages!
  const district = row.served?.[0] ?? ''
  const served = villagesServed(row.values[field]!, state.places.villagesOf(district))
  if (served.open.length > 0) {
    const areas = served.open.join(', ')
    keep(field, `sub-areas without a village list (${areas}): read as every village no other row names`)
  }
  if (served.unknown.length > 0) keep(field, `no such village in ${district}: ${served.unknown.join(', ')}`)
}

/** By district: the villages that some row of the list names. */
function listedVillages(source: Source, table: Table, places: Places): Map<string, Set<string>> {
  const listed = new Map<string, Set<string>>()
  const { served, villages } = source.columns
  if (served === undefined || villages === undefined) return listed
  for (const { values } of table.rows) {
    for (const district of districtsServed(values[served]!, places.districts) ?? []) {
      const names = listed.get(district) ?? new Set()
      for (const name of villagesServed(values[villages]!, places.villagesOf(district)).names) names.add(name)
      listed.set(district, names)
    }
  }
  return listed
}

function rowVillages(
  state: Import,
  { source, values, served }: Row,
  listed: Map<string, Set<string>>,
): string[] {
  const column = source.columns.villages
  const district = served?.[0]
  if (column === undefined || district === undefined) return []
  const parsed = villagesServed(values[column]!, state.places.villagesOf(district))
  return villageCodes(parsed, district, listed.get(district) ?? new Set(), state.places)
}

function note(
  state: Import,
  { file }: Source,
  line: number,
  field: string | null,
  reason: string,
  outcome: QuarantineEntry['outcome'],
): void {
  state.quarantine.push({ file, line, field: field === '' ? null : field, reason, outcome })
}
