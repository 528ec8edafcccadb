import { type SQL, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { CONFIDENTIAL_IN_SQL } from './confidential.ts'

/** Meters; the Earth as a sphere. */
const EARTH_RADIUS = 6_371_000
const METERS_PER_DEGREE = (EARTH_RADIUS * Math.PI) / 180

/** Postal codes are compared without spaces and in capitals; an index stands on the same expression. */
const POSTAL_CODE = sql.raw(`upper(replace(a.fields->>'postal_code', ' ', ''))`)
const PUBLIC = sql.raw(`location.kind = 'location' and not ${CONFIDENTIAL_IN_SQL}`)
const LATITUDE = sql.raw(`(location.fields->>'latitude')::float8`)
const LONGITUDE = sql.raw(`(location.fields->>'longitude')::float8`)

/**
 * The condition that a service at a location serves a postcode, as the standard has it. Where its service areas, or
 * those of its service, name postal codes, one of them must be this one; `extent` or `name` of such an area has the
 * codes, with commas, semicolons or bars between them, and its `extent_type` begins with postcode, postal_code or zip.
 * Without such areas its address decides, or with a proximity its distance from the middle of the postcode. Confidential
 * locations are found by neither.
 * @throws Refusal `invalid_input` for a proximity to a postcode that no public address has.
 */
export async function near(
  ctx: Context,
  { postcode, proximity }: { postcode?: string | undefined; proximity?: number | undefined },
): Promise<SQL | undefined> {
  if (postcode === undefined) return undefined
  const code = postcode.replaceAll(' ', '').toUpperCase()
  const covered = named(sql`${code} = any(${CODES_OF_AREA})`)
  const unbound = sql`not ${named(sql`true`)}`
  if (proximity === undefined) return sql`(${covered} or (${unbound} and ${addressed(code)}))`
  const within = withinReach(await middleOf(ctx, code), proximity)
  return sql`((${covered} or ${unbound}) and directory_records.location_id in (${within}))`
}

const CODES_OF_AREA = sql.raw(
  `regexp_split_to_array(upper(replace(coalesce(area.fields->>'extent', area.fields->>'name', ''), ' ', '')), '[,;|]')`,
)

/**
 * Whether service areas that name postal codes, and meet the condition, are of the service at the location or of its
 * service. Sets that are made once: asked of each row by itself, 100,000 rows take seconds.
 */
function named(condition: SQL): SQL {
  const ownersOf = (link: 'service_at_location_id' | 'service_id') => sql`select area.${sql.identifier(link)}
    from directory_records area where area.kind = 'service_area' and area.${sql.identifier(link)} is not null
    and area.fields->>'extent_type' ~* '^(postcode|postal_?code|zip)' and ${condition}`
  return sql`(directory_records.id in (${ownersOf('service_at_location_id')})
    or coalesce(directory_records.service_id in (${ownersOf('service_id')}), false))`
}

/** Ids of public locations with an address there. */
const locatedAt = (code: string) => sql`select a.location_id from directory_records a
  where a.kind = 'address' and ${POSTAL_CODE} = ${code}`

const addressed = (code: string) => sql`directory_records.location_id in (select location.id
  from directory_records location where ${PUBLIC} and location.id in (${locatedAt(code)}))`

interface Point {
  latitude: number
  longitude: number
}

/** The mean of the points of all public locations with an address in the postcode. */
async function middleOf(ctx: Context, code: string): Promise<Point> {
  const [middle] = await query(ctx)
    .select({
      latitude: sql<number | null>`avg(${LATITUDE})`.mapWith(Number),
      longitude: sql<number | null>`avg(${LONGITUDE})`.mapWith(Number),
      points: sql<number>`count(*)`.mapWith(Number),
    })
    .from(sql`directory_records location`)
    .where(sql`${PUBLIC} and ${LATITUDE} is not null and ${LONGITUDE} is not null
      and location.id in (${locatedAt(code)})`)
  if (!middle || middle.points === 0) {
    const message = 'no public address with coordinates has this postcode, so nothing can be measured from it'
    throw new Refusal('invalid_input', `postcode: ${message}.`, {
      errors: [{ pointer: '/postcode', message }],
    })
  }
  return { latitude: middle.latitude!, longitude: middle.longitude! }
}

/** Public locations at most so many meters away along the sphere; a band of latitudes leaves most out early. */
function withinReach({ latitude, longitude }: Point, meters: number): SQL {
  const band = meters / METERS_PER_DEGREE
  const haversine = sql`power(sin(radians(${LATITUDE} - ${latitude}::float8) / 2), 2)
    + cos(radians(${latitude}::float8)) * cos(radians(${LATITUDE}))
    * power(sin(radians(${LONGITUDE} - ${longitude}::float8) / 2), 2)`
  return sql`select location.id from directory_records location where ${PUBLIC}
    and ${LATITUDE} between ${latitude - band}::float8 and ${latitude + band}::float8
    and ${2 * EARTH_RADIUS}::float8 * asin(least(1, sqrt(greatest(0, ${haversine})))) <= ${meters}::float8`
}
