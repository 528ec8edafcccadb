/** Reads a real city's long-term-care network, or one district of it, from a directory of its files. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plain } from '../../../features/feeds/columns/taipei/address.ts'
import type { District } from '../district.ts'
import { TERMS, type TermName } from '../terms.ts'
import { type Import, importTable } from './import-rows.ts'
import { type Places, placesOf } from './places.ts'
import { SOURCES, type Source } from './sources.ts'
import { readTable, type Table } from './table.ts'
import { assembled, emptyRegistry } from './units.ts'
import { readVillages, VILLAGE_FILES } from './villages.ts'

/** The demo's district: the one with the most stations of the network. */
export const DEFAULT_TAIPEI_DISTRICT = '大安區'

export interface TaipeiScope {
  /** A district, with or without 區; the whole city when absent. */
  district?: string
}

const ATTRIBUTION =
  'Taiwan government open data (data.gov.tw, data.taipei): Taipei City Department of Social Welfare, Taipei City ' +
  'Department of Health, Ministry of Health and Welfare, National Health Insurance Administration, Ministry of the ' +
  'Interior, Ministry of Finance; Open Government Data License, version 1.0'

/**
 * Reads the city's files. Every row is imported, merged, refused with a reason or out of scope; a
 * missing file or an unknown district is an error of one sentence.
 */
export function readTaipei(dir: string, scope: TaipeiScope = {}): District {
  const read = reader(dir)
  const villages = readVillages(read)
  const places = placesOf(villages.placed)
  const district = scope.district === undefined ? null : chosenDistrict(scope.district, places)
  const state: Import = {
    places,
    scope: district,
    registry: emptyRegistry(),
    files: villages.files,
    quarantine: villages.quarantine,
  }
  for (const source of SOURCES) importTable(state, source, checked(readTable(read(source.file)), source))
  const inside = villages.placed
    .map(({ village }) => village)
    .filter((village) => district === null || village.district === district)
  const services = assembled(state.registry, new Set(inside.map((village) => village.code)))
  return {
    key: `taipei-ltc:${district ?? 'city'}`,
    name: district === null ? '臺北市' : `臺北市${district}`,
    source: 'taipei-ltc',
    attribution: ATTRIBUTION,
    currency: 'TWD',
    villages: inside,
    ...services,
    quarantine: state.quarantine,
    files: state.files,
    assumptions: assumptions(services.offerings, district),
  }
}

function reader(dir: string): (file: string) => string {
  if (!existsSync(dir)) throw new Error(`There is no directory ${dir} to read the city's files from.`)
  const files = [...Object.values(VILLAGE_FILES), ...SOURCES.map((source) => source.file)]
  const missing = files.filter((file) => !existsSync(join(dir, file)))
  if (missing.length > 0) {
    throw new Error(
      `${dir} lacks ${missing.length} of the city's ${files.length} files, such as ${missing[0]}.`,
    )
  }
  return (file) => readFileSync(join(dir, file), 'utf8')
}

function chosenDistrict(asked: string, places: Places): string {
  const bare = plain(asked).replace(/^臺北市/, '')
  const found = places.districts.find((name) => name === bare || name === `${bare}區`)
  if (found === undefined) {
    throw new Error(`There is no district ${asked} in the city; it has ${places.districts.join(', ')}.`)
  }
  return found
}

function checked(table: Table, source: Source): Table {
  const rules = source.services.flatMap((service) => [
    service.when?.column,
    service.priceIn?.column,
    service.capacity !== undefined && 'column' in service.capacity ? service.capacity.column : undefined,
  ])
  for (const column of [...Object.values(source.columns), ...rules, 'lat', 'lon']) {
    if (column !== undefined && !table.columns.includes(column)) {
      throw new Error(`${source.file} has no column ${column}.`)
    }
  }
  return table
}

function assumptions(offerings: District['offerings'], district: string | null): string[] {
  const terms = [...new Set(offerings.map((offering) => offering.term as TermName))]
  const lines = terms.map((name) => {
    const { label, price, priceBasis, capacity, unit } = TERMS[name]
    return `${label}: NT$ ${price} per ${unit} (${priceBasis}); where no capacity is published, ${capacity.low}–${capacity.high} a month, drawn per unit (${capacity.basis}).`
  })
  lines.push('Published places count 22 days a month; a published bed counts one month of stay.')
  lines.push('Care points and dementia points: published half-days a week × 52/12 × 15 and 12 assumed seats.')
  lines.push('A unit contracted for respite in day care (GA03) also offers day care.')
  lines.push(
    'Day care, care homes, nursing homes, hospitals, home nursing and home physical therapy whose list names no area serve their own district.',
  )
  if (district !== null) {
    lines.push(
      `A home service of several districts gives ${district} its share by residents aged 65 and over.`,
    )
  }
  return lines
}
