/**
 * Units as they grow over the lists: a row either names a unit already read (same kind, same door or
 * same name nearby, from another list) or starts one. Stations are addresses; several units share one.
 */
import { createHash } from 'node:crypto'
import { plain } from '../../../features/feeds/columns/taipei/address.ts'
import { organizationOf, sectorOf } from '../../../features/feeds/columns/taipei/organization.ts'
import type { District, DistrictOffering, Provider, Station } from '../district.ts'
import type { Location } from './locate.ts'

export interface Unit {
  kin: string
  name: string
  key: string
  door: string
  district: string | null
  villageCode: string | null
  served: string
  files: Set<string>
  station: Station
  provider: Provider
  offerings: Map<string, DistrictOffering>
}

export interface Registry {
  units: Map<string, Unit[]>
  stations: Map<string, Station>
  providers: Map<string, Provider>
}

export function emptyRegistry(): Registry {
  return { units: new Map(), stations: new Map(), providers: new Map() }
}

export interface UnitRow {
  file: string
  line: number
  kin: string
  name: string
  ownership: string
  /** What the row says it serves: one unit may stand in a list once per area served. */
  served: string
  location: Location
}

/** The unit a row names, and whether an earlier row had named it. */
export function unitFor(registry: Registry, row: UnitRow): { unit: Unit; known: boolean } {
  const found = knownUnit(registry, row)
  if (found !== null) {
    found.files.add(row.file)
    found.station.point ??= row.location.point
    if (squeezed(row.location.address.key) === squeezed(found.key)) {
      // `5號、5-1號` and `5號5-1號` of one unit: later lists may use either.
      registry.stations.set(row.location.address.key, found.station)
    }
    return { unit: found, known: true }
  }
  const { address, village } = row.location
  const unit: Unit = {
    kin: row.kin,
    name: bareName(row.name),
    key: address.key,
    door: address.door,
    district: row.location.district,
    villageCode: village?.code ?? null,
    served: row.served,
    files: new Set([row.file]),
    station: stationFor(registry, row),
    provider: providerFor(registry, row),
    offerings: new Map(),
  }
  for (const index of indexes(row)) {
    const list = registry.units.get(index)
    if (list === undefined) registry.units.set(index, [unit])
    else list.push(unit)
  }
  return { unit, known: false }
}

function squeezed(key: string): string {
  return key.replace(/[、.]/g, '')
}

/** Units are found again by door and, when a list writes the address otherwise, by name. */
function indexes(row: UnitRow): string[] {
  const { address, district } = row.location
  const named = `${row.kin}|${district ?? ''}|${bareName(row.name)}`
  return address.door === '' ? [named] : [`${row.kin}|${address.door}`, named]
}

function knownUnit(registry: Registry, row: UnitRow): Unit | null {
  const name = bareName(row.name)
  const { address, village } = row.location
  const [first, second] = indexes(row).map((index) => registry.units.get(index) ?? [])
  const byDoor = second === undefined ? [] : first!
  const byName = second ?? first!
  const twin = byDoor.find(
    (unit) =>
      unit.files.has(row.file) &&
      unit.name === name &&
      unit.key === address.key &&
      unit.served === row.served,
  )
  if (twin !== undefined) return twin
  const open = byDoor.filter((unit) => !unit.files.has(row.file))
  const sameDoor = open.find((unit) => unit.name === name) ?? open[0]
  if (sameDoor !== undefined) return sameDoor
  const near = byName.filter(
    (unit) =>
      !unit.files.has(row.file) &&
      (unit.villageCode === null || village === null || unit.villageCode === village.code),
  )
  return near.length === 1 ? near[0]! : null
}

/** A unit's name without its notes: 【1】, (大安), spaces. */
function bareName(name: string): string {
  const bare = plain(name)
  return bare.replace(/\(.*?\)/g, '') || bare
}

function stationFor(registry: Registry, row: UnitRow): Station {
  const { address, text, village, point } = row.location
  const key = address.key === '' ? `${row.file}:${row.line}` : address.key
  const known = registry.stations.get(key)
  if (known !== undefined) {
    known.point ??= point
    known.villageCode ??= village?.code ?? null
    return known
  }
  const station: Station = {
    ref: `station:${digest(key)}`,
    name: row.name,
    address: plain(text),
    point,
    villageCode: village?.code ?? null,
  }
  registry.stations.set(key, station)
  return station
}

function providerFor(registry: Registry, row: UnitRow): Provider {
  const name = organizationOf(row.name)
  const known = registry.providers.get(name)
  if (known !== undefined) return known
  const provider: Provider = {
    ref: `provider:${digest(name)}`,
    name,
    sector: sectorOf(row.name, row.ownership),
  }
  registry.providers.set(name, provider)
  return provider
}

/** A short stable reference: the same row has it in every import. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Everything that at least one offering needs, in reading order. */
export function assembled(
  registry: Registry,
  villages: ReadonlySet<string>,
): Pick<District, 'providers' | 'stations' | 'offerings'> {
  const units = new Set([...registry.units.values()].flat())
  const offerings = [...units].flatMap((unit) => [...unit.offerings.values()])
  const stationRefs = new Set(offerings.map((offering) => offering.stationRef))
  const providerRefs = new Set(offerings.map((offering) => offering.providerRef))
  const stations = [...new Set(registry.stations.values())].filter((station) => stationRefs.has(station.ref))
  return {
    providers: [...registry.providers.values()].filter((provider) => providerRefs.has(provider.ref)),
    stations: stations.map((station) => ({
      ...station,
      villageCode:
        station.villageCode !== null && villages.has(station.villageCode) ? station.villageCode : null,
    })),
    offerings,
  }
}
