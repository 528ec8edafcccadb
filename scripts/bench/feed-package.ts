/** A synthetic HSDS data package on disk: as many services as asked for, with all that hangs below them. */
import { createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify/sync'
import { createRandom, type Random } from '../../src/engine/random.ts'

export interface PackageSize {
  rows: number
  bytes: number
}

const CATEGORIES = ['elderly_care', 'medical', 'cultural', 'life_care']
const TERMS = ['day_care', 'clinic', 'tai_chi', 'meals', 'transport', 'home_help']
const DAYS = ['MO,WE,FR', 'TU,TH', 'MO,TU,WE,TH,FR', 'SA']
const WORDS =
  'care for older people at home and in the community with meals exercise company and advice by trained staff near you on weekdays without long waiting in several languages'.split(
    ' ',
  )

/** Services of one organization, and of one location. */
const PER_ORGANIZATION = 10
const PER_LOCATION = 2

type Row = (string | number)[]
interface Table {
  file: string
  columns: string[]
  count: number
  row(at: number, random: Random): Row
}

/**
 * Writes seven tables, the same for the same seed; ids are numbers, as most sources have them.
 * @param revised services from 0 on whose descriptions are another.
 * @param matchable whether places say what matching needs, and become offerings.
 */
export async function writePackage(
  directory: string,
  services: number,
  { seed = 1, revised = 0, matchable = true }: { seed?: number; revised?: number; matchable?: boolean } = {},
): Promise<PackageSize> {
  const size: PackageSize = { rows: 0, bytes: 0 }
  for (const table of tables(services, revised, matchable)) {
    const path = join(directory, table.file)
    await pipeline(Readable.from(textOf(table, seed)), createWriteStream(path))
    size.rows += table.count
    size.bytes += statSync(path).size
  }
  return size
}

/** Rows that are made into text at once. */
const BATCH = 1000

function* textOf({ file, columns, count, row }: Table, seed: number): Generator<string> {
  const random = createRandom(seed + file.length)
  yield stringify([columns])
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from)
    yield stringify(Array.from({ length: size }, (_, at) => row(from + at, random)))
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!
const sentence = (random: Random, words: number): string =>
  Array.from({ length: words }, () => pick(random, WORDS)).join(' ')
const organizationOf = (service: number): number => Math.floor(service / PER_ORGANIZATION)
const locationOf = (service: number): number => Math.floor(service / PER_LOCATION)

function tables(services: number, revised: number, matchable: boolean): Table[] {
  const organizations = Math.ceil(services / PER_ORGANIZATION)
  const locations = Math.ceil(services / PER_LOCATION)
  const profile = <T>(values: T[]): T[] => (matchable ? values : [])
  return [
    {
      file: 'organizations.csv',
      columns: ['id', 'name', 'description', 'email', 'website', ...profile(['sector'])],
      count: organizations,
      row: (at, random) => [
        at,
        `Organization ${at}`,
        sentence(random, 20),
        `mail${at}@example.org`,
        `https://example.org/${at}`,
        ...profile(['ngo']),
      ],
    },
    {
      file: 'services.csv',
      columns: ['id', 'organization_id', 'name', 'description', 'status', ...profile(['category', 'term'])],
      count: services,
      row: (at, random) => [
        at,
        organizationOf(at),
        `${pick(random, TERMS)} ${at}`,
        sentence(random, 40) + (at < revised ? ' (revised)' : ''),
        'active',
        ...profile([pick(random, CATEGORIES), pick(random, TERMS)]),
      ],
    },
    {
      file: 'locations.csv',
      columns: ['id', 'organization_id', 'name', 'location_type', 'latitude', 'longitude'],
      count: locations,
      row: (at, random) => [
        at,
        organizationOf(at * PER_LOCATION),
        `Place ${at}`,
        'physical',
        (24.9 + random.below(400_000) / 1_000_000).toFixed(6),
        (121.4 + random.below(300_000) / 1_000_000).toFixed(6),
      ],
    },
    {
      file: 'service_at_location.csv',
      columns: [
        'id',
        'service_id',
        'location_id',
        'description',
        ...profile(['tier', 'mode', 'unit', 'price_type', 'price', 'currency']),
      ],
      count: services,
      row: (at, random) => [
        at,
        at,
        locationOf(at),
        sentence(random, 6),
        ...profile(['basic', 'onsite', 'visit', 'per_unit', 100 * (1 + random.below(500)), 'TWD']),
      ],
    },
    {
      file: 'addresses.csv',
      columns: [
        'id',
        'location_id',
        'address_1',
        'city',
        'state_province',
        'postal_code',
        'country',
        'address_type',
      ],
      count: locations,
      row: (at, random) => [
        at,
        at,
        `${1 + random.below(400)} ${pick(random, WORDS)} road`,
        'Taipei',
        'Taipei',
        100 + random.below(16),
        'TW',
        'physical',
      ],
    },
    {
      file: 'phones.csv',
      columns: ['id', 'service_id', 'number', 'type', 'description'],
      count: services,
      row: (at, random) => [
        at,
        at,
        `+886 2 2${1_000_000 + random.below(8_999_999)}`,
        'voice',
        sentence(random, 4),
      ],
    },
    {
      file: 'schedules.csv',
      columns: ['id', 'service_at_location_id', 'freq', 'byday', 'opens_at', 'closes_at'],
      count: services,
      row: (at, random) => [at, at, 'WEEKLY', pick(random, DAYS), '08:30', '17:00'],
    },
  ]
}
