/** A believable district that needs no files: invented villages and providers, sized on published figures. */

import { moved } from '../../features/communities/geometry.ts'
import type { Point } from '../../features/communities/schemas.ts'
import type { District, DistrictOffering, Provider, Station, Village } from './district.ts'
import { TAIPEI, TAIPEI_DISTRICTS } from './published-figures.ts'
import { type Random, seededRandom, seedOf } from './random.ts'
import { ntd, TERMS, type TermName } from './terms.ts'
import { KINDS, type Kind } from './town-kinds.ts'
import { FAMILY_NAMES, TOWN_NAME, VILLAGE_NAMES } from './town-names.ts'

export interface TownOptions {
  seed: number
}

/** In the open sea: nobody shall take the town for a real place. */
const CENTER: Point = { latitude: 24, longitude: 124 }

/** Places with beds, a pick-up service or many bus lines: by district, not by walking distance. */
const WIDE: ReadonlySet<TermName> = new Set([
  'day_care',
  'respite_day',
  'respite_stay',
  'residential_care',
  'nursing_home',
  'specialist_visit',
])

/** Meters between neighboring villages: the 53 villages of 大安區 share 11.4 km². */
const SPACING = 460

const ROW = 7

interface Build {
  villages: Village[]
  providers: Provider[]
  stations: Map<string, Station[]>
  offerings: DistrictOffering[]
  names: Map<string, number>
}

/** The same town for the same seed, to the bit. */
export function generateTown({ seed }: TownOptions): District {
  const villages = generateVillages(seededRandom(seedOf('villages', seed)))
  const build: Build = { villages, providers: [], stations: new Map(), offerings: [], names: new Map() }
  for (const kind of KINDS) addUnits(build, kind, seededRandom(seedOf(kind.key, seed)))
  return {
    key: `town:${seed}`,
    name: TOWN_NAME,
    source: 'generated',
    attribution:
      'Invented district, sized on open data of the Taiwan government (data.gov.tw, data.taipei), Open Government Data License, version 1.0',
    currency: 'TWD',
    villages,
    providers: build.providers,
    stations: [...new Set([...build.stations.values()].flat())],
    offerings: build.offerings,
    quarantine: [],
    files: [],
    assumptions: [
      'The district, its villages, providers and streets are invented.',
      'Units per 10,000 residents aged 65 and over, ages and incomes follow the published figures of the twelve districts of Taipei.',
      'Every price and capacity is drawn from the assumed range of its service.',
    ],
  }
}

function generateVillages(random: Random): Village[] {
  const counts = Object.values(TAIPEI_DISTRICTS).map((district) => district.villages)
  const count = random.integer(46, Math.max(...counts))
  return Array.from({ length: count }, (_, index) => {
    const place = gridPlace(index, count, random)
    return generateVillage(index, place, random)
  })
}

function gridPlace(index: number, count: number, random: Random): Point {
  const [row, column] = [Math.floor(index / ROW), index % ROW]
  const rows = Math.ceil(count / ROW)
  // Every other row is shifted by half, and nobody builds on a grid.
  const east = (column - (ROW - 1) / 2 + (row % 2) / 2 + 0.15 * random.normal()) * SPACING
  const north = (row - (rows - 1) / 2 + 0.15 * random.normal()) * SPACING
  return moved(CENTER, north, east)
}

function generateVillage(index: number, place: Point, random: Random): Village {
  const [least, , typical, , most] = TAIPEI.elderlyPerVillage
  const elderly = clamp(Math.round(typical * Math.exp(0.33 * random.normal())), least, most)
  const share = clamp(0.236 + 0.034 * random.normal(), 0.136, 0.341)
  const others = Math.round(elderly / share) - elderly
  const { age0to14, age15to64 } = TAIPEI.population
  const children = Math.round((others * age0to14) / (age0to14 + age15to64))
  const [poorest, , , , richest] = TAIPEI.incomeMedians
  const median = clamp(Math.round(568 * Math.exp(0.19 * random.normal())), poorest, richest)
  return {
    code: `T${String(index + 1).padStart(2, '0')}`,
    name: VILLAGE_NAMES[index]!,
    district: TOWN_NAME,
    ...place,
    population: { age0to14: children, age15to64: others - children, age65up: elderly },
    elderlyByBand: bandsOf(elderly, random),
    income: {
      firstQuartile: Math.round(median * TAIPEI.incomeSpread.first),
      median,
      thirdQuartile: Math.round(median * TAIPEI.incomeSpread.third),
    },
  }
}

/** Splits the count over the bands as in the city, a little older or younger; the rest goes to the first. */
function bandsOf(elderly: number, random: Random): Village['elderlyByBand'] {
  const age = Math.exp(0.08 * random.normal())
  const weights = TAIPEI.elderlyByBand.map((count, band) => count * age ** (band - 2))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const [, b, c, d, e] = weights.map((weight) => Math.round((elderly * weight) / total))
  return [elderly - b! - c! - d! - e!, b!, c!, d!, e!]
}

function addUnits(build: Build, kind: Kind, random: Random): void {
  const elderly = build.villages.reduce((sum, village) => sum + village.population.age65up, 0)
  // Districts differ: some have a third more of a kind than others.
  const expected = ((kind.density * elderly) / 10_000) * (0.85 + 0.3 * random.next())
  const count = Math.max(1, Math.round(expected))
  const weights = build.villages.map((village) => village.population.age65up * pull(village, kind.crowding))
  const shared = [...(build.stations.get(kind.shares?.kind ?? '') ?? [])]
  const stations: Station[] = []
  for (let index = 0; index < count; index++) {
    const joins = shared.length > 0 && random.chance(kind.shares?.share ?? 0)
    const village = build.villages[random.weighted(weights)]!
    const provider = joins ? null : addProvider(build, kind, village, random)
    const station = joins
      ? shared.splice(random.integer(0, shared.length - 1), 1)[0]!
      : addStation(kind, index, village, provider!, random)
    stations.push(station)
    const owner = provider?.ref ?? ownerOf(build, station)
    for (const term of kind.services) addOffering(build, kind, term, index, station, owner, random)
  }
  build.stations.set(kind.key, stations)
}

function pull(place: Point, crowding: number): number {
  const distance = Math.hypot(place.latitude - CENTER.latitude, place.longitude - CENTER.longitude) * 105_000
  return Math.exp((-crowding * distance) / 1200)
}

function ownerOf(build: Build, station: Station): string {
  return build.offerings.find((offering) => offering.stationRef === station.ref)!.providerRef
}

function addProvider(build: Build, kind: Kind, village: Village, random: Random): Provider {
  const sectors = ['government', 'ngo', 'market'] as const
  const sector = sectors[random.weighted(sectors.map((name) => kind.sectors[name]))]!
  const family = FAMILY_NAMES[random.integer(0, FAMILY_NAMES.length - 1)]!
  const owner = sector === 'government' ? 'Municipal' : sector === 'ngo' ? 'Friends of' : family
  const base =
    sector === 'ngo' ? `${owner} ${village.name} ${kind.title}` : `${owner} ${kind.title} ${village.name}`
  const times = (build.names.get(base) ?? 0) + 1
  build.names.set(base, times)
  const provider: Provider = {
    ref: `provider:town-${build.providers.length + 1}`,
    name: times === 1 ? base : `${base} ${times}`,
    sector,
  }
  build.providers.push(provider)
  return provider
}

function addStation(
  kind: Kind,
  index: number,
  village: Village,
  provider: Provider,
  random: Random,
): Station {
  return {
    ref: `station:town-${kind.key}-${index + 1}`,
    name: provider.name,
    address: `${random.integer(1, 180)} ${village.name} Street, ${TOWN_NAME}`,
    point: moved(village, 140 * random.normal(), 140 * random.normal()),
    villageCode: village.code,
  }
}

function addOffering(
  build: Build,
  kind: Kind,
  name: TermName,
  index: number,
  station: Station,
  providerRef: string,
  random: Random,
): void {
  const term = TERMS[name]
  const wide = term.mode === 'home' || WIDE.has(name)
  build.offerings.push({
    ref: `offering:town-${kind.key}-${index + 1}-${name}`,
    providerRef,
    stationRef: station.ref,
    name: `${term.label}: ${station.name}`,
    category: term.category,
    term: name,
    tier: term.tier,
    mode: term.mode,
    unit: term.unit,
    price: ntd(Math.round(term.price * (0.9 + 0.2 * random.next()))),
    capacity: random.integer(term.capacity.low, term.capacity.high),
    staffMinutesPerUnit: term.staffMinutes,
    serviceDistricts: wide && name !== 'friendly_visit' ? [TOWN_NAME] : [],
    serviceVillages: [],
    eligibility: term.eligibility,
    origin: { capacity: 'assumed', price: 'assumed' },
  })
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
