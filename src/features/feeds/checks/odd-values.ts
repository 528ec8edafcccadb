/** Values that fit their fields and still cannot be meant: kept as they are, and flagged or dropped with a reason. */
import type { JsonValue, RecordKind } from '../../directory/record.ts'
import { RuleSchema } from '../../policies/eligibility.ts'

type Fields = Record<string, JsonValue>

export interface Oddity {
  field: string
  reason: string
  value: JsonValue
}

/** What is odd about a record's fields. Takes out of `fields` what nobody could use (a rule that is none). */
export function oddities(kind: RecordKind, fields: Fields): Oddity[] {
  switch (kind) {
    case 'location':
      return coordinates(fields)
    case 'service_capacity':
      return capacity(fields)
    case 'service_area':
      return extent(fields)
    case 'service_at_location':
      return profileOfPlace(fields)
    case 'service':
      return ages(fields)
    default:
      return []
  }
}

const UNMATCHED = 'kept, but out of distance matching'

function coordinates({ latitude, longitude }: Fields): Oddity[] {
  if (latitude === undefined && longitude === undefined) return []
  if (typeof latitude !== 'number' || typeof longitude !== 'number') {
    const field = latitude === undefined ? 'longitude' : 'latitude'
    return [{ field, reason: `half a pair of coordinates: ${UNMATCHED}`, value: (latitude ?? longitude)! }]
  }
  const fault = pointFault(latitude, longitude)
  if (fault === null) return []
  return [{ field: 'latitude', reason: `${fault}: ${UNMATCHED}`, value: `${latitude}, ${longitude}` }]
}

/** Why nobody can stand at a point; null if they can. In degrees. */
export function pointFault(latitude: number, longitude: number): string | null {
  if (latitude === 0 && longitude === 0) return 'coordinates 0, 0 are a blank'
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return null
  const swapped = Math.abs(latitude) <= 180 && Math.abs(longitude) <= 90
  return swapped ? 'coordinates off the globe, perhaps swapped' : 'coordinates off the globe'
}

function capacity(fields: Fields): Oddity[] {
  const { available, funded, maximum, period } = fields
  const found: Oddity[] = []
  if (typeof maximum === 'number') {
    for (const [field, value] of Object.entries({ available, funded })) {
      if (typeof value !== 'number' || value <= maximum) continue
      found.push({ field, reason: `more ${field} than the maximum of ${maximum}: kept`, value })
    }
  }
  for (const field of ['available', 'funded', 'maximum']) {
    if (Number(fields[field] ?? 0) < 0)
      found.push({ field, reason: 'less than none: kept', value: fields[field]! })
  }
  if (period !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(String(period))) {
    delete fields.period
    found.push({ field: 'period', reason: 'is not a month such as 2026-12: dropped', value: period })
  }
  return found
}

const GEOMETRIES = /^(Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon)$/

function extent({ extent: text, extent_type: type }: Fields): Oddity[] {
  if (type !== 'geojson' || typeof text !== 'string' || isGeoJson(text)) return []
  return [{ field: 'extent', reason: 'extent_type says geojson, and the extent is none: kept', value: text }]
}

function isGeoJson(text: string): boolean {
  try {
    const { type, coordinates, geometry, features, geometries } = JSON.parse(text) as Record<string, unknown>
    if (typeof type !== 'string') return false
    if (GEOMETRIES.test(type)) return Array.isArray(coordinates)
    if (type === 'Feature') return typeof geometry === 'object'
    return Array.isArray(type === 'FeatureCollection' ? features : geometries)
  } catch {
    return false
  }
}

function profileOfPlace(fields: Fields): Oddity[] {
  const found: Oddity[] = []
  const { eligibility, price, price_ceiling: ceiling } = fields
  if (eligibility !== undefined && !RuleSchema.safeParse(eligibility).success) {
    // Dropping it would open the place to everybody: it stays, and the place is not matched.
    found.push({
      field: 'eligibility',
      reason: 'is no eligibility rule: kept, not matched',
      value: eligibility,
    })
  }
  for (const [field, value] of Object.entries({ price, price_ceiling: ceiling })) {
    if (typeof value === 'number' && value < 0) {
      delete fields[field]
      found.push({ field, reason: 'less than nothing: dropped', value })
    }
  }
  if (typeof price === 'number' && typeof ceiling === 'number' && price > ceiling && ceiling >= 0) {
    found.push({ field: 'price', reason: `above its ceiling of ${ceiling}: kept`, value: price })
  }
  return found
}

function ages({ minimum_age: least, maximum_age: most }: Fields): Oddity[] {
  if (typeof least !== 'number' || typeof most !== 'number' || least <= most) return []
  return [{ field: 'minimum_age', reason: `above the maximum age of ${most}: kept`, value: least }]
}
