import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { Refusal } from '../../platform/errors.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { areaSubtree } from '../communities/area-subtree.ts'
import { routedTravel } from '../communities/routed-travel.ts'
import { Point } from '../communities/schemas.ts'
import { areas } from '../communities/tables.ts'
import { reckonedTravel } from '../communities/travel-time.ts'
import { isConfidentialLocation } from '../directory/confidential.ts'
import type { JsonValue } from '../directory/record.ts'
import { permit } from '../identity/permissions.ts'
import { findAdoptedPolicy } from '../policies/adopted-policy.ts'
import { DEFAULT_POLICY } from '../policies/default-policy.ts'
import {
  type Community,
  nearestOnFoot,
  nearestStraight,
  type PlaceFinder,
  placeFinder,
  weighCoverage,
} from './coverage.ts'
import type { Coverage, CoverageQuery } from './coverage-schemas.ts'
import { pointOf } from './point.ts'
import { offerings } from './tables.ts'

/** Of so many nearest places in a straight line the router is asked which is the nearest on foot. */
const CANDIDATES = 8

/**
 * How well onsite services cover communities, from each community's point to the nearest place, wherever
 * that lies, weighted by residents aged 65 and over. Nothing is cached: it says how things are now.
 * @throws Refusal `not_found` for an unknown area, `invalid_input` where a router is asked for and none is set,
 *   `unavailable` where it does not answer.
 */
export async function getCoverage(ctx: Context, asked: CoverageQuery): Promise<Coverage> {
  permit(ctx, 'coverage.read')
  const communities = await communitiesOf(ctx, asked)
  const { points, leftOut } = await placesOf(ctx, asked)
  const find = placeFinder(points)
  const counts = { travel: asked.travel, places: points.length, placesLeftOut: leftOut }
  if (asked.travel === 'straight') {
    const meters = asked.meters!
    const nearest = communities.map((community) => nearestStraight(community, find))
    const walk = { mobility: null, minutes: null, metersPerSecond: null, detourFactor: null }
    return {
      ...counts,
      meters,
      ...walk,
      ...weighCoverage(communities, nearest, (one) => one.meters <= meters),
    }
  }
  return { ...counts, ...(await walked(ctx, asked, communities, find)) }
}

async function walked(ctx: Context, asked: CoverageQuery, communities: Community[], find: PlaceFinder) {
  // The policy in force: coverage tells what its life circle reaches.
  const { reach } = ((await findAdoptedPolicy(ctx)) ?? DEFAULT_POLICY).document
  const { mobility, travel, minutes = reach.onsiteMinutes } = asked
  const metersPerSecond = reach.metersPerSecond[mobility]
  const routed = travel === 'routed'
  if (routed && !ctx.router) {
    throw invalidInput([{ path: ['travel'], message: 'no router is set here; ask for walking or straight' }])
  }
  const port = routed
    ? routedTravel(ctx.router!, { metersPerSecond })
    : reckonedTravel({ metersPerSecond, detourFactor: reach.detourFactor })
  // By the formula the nearest place in a straight line is the nearest on foot.
  const nearest = await nearestOnFoot(communities, find, port, routed ? CANDIDATES : 1)
  const detourFactor = routed ? null : reach.detourFactor
  return {
    ...{ mobility, minutes, meters: null, metersPerSecond, detourFactor },
    ...weighCoverage(communities, nearest, (one) => one.minutes! <= minutes),
  }
}

async function communitiesOf(ctx: Context, { areaId, kind }: CoverageQuery): Promise<Community[]> {
  const ids = areaId ? await areaSubtree(ctx, areaId) : null
  if (ids?.length === 0) throw new Refusal('not_found', 'There is no such area.')
  const rows = await query(ctx)
    .select()
    .from(areas)
    .where(and(eq(areas.kind, kind), ids ? inArray(areas.id, ids) : undefined))
    .orderBy(asc(areas.code), asc(areas.id))
  return rows.map((row) => ({
    areaId: row.id,
    code: row.code,
    name: row.name,
    point: pointOf(row),
    age65up: row.population?.age65up ?? null,
  }))
}

/**
 * Points of the locations where the service is, each once, by the directory: a station covers its neighbors also where
 * nobody has said its price yet. Confidential ones are left out: distances from three communities would tell where
 * they are.
 */
async function placesOf(
  ctx: Context,
  { category, term, inactive }: CoverageQuery,
): Promise<{ points: Point[]; leftOut: number }> {
  const terms = term ? sql`service.fields->>'term' in ${term}` : sql`true`
  const { rows } = (await query(ctx).execute(sql`
    select distinct location.id, location.fields as fields
    from directory_records place
    join directory_records service on service.kind = 'service' and service.id = place.service_id
    join directory_records location on location.kind = 'location' and location.id = place.location_id
    left join ${offerings} on ${offerings.id} = place.id
    where place.kind = 'service_at_location'
      and coalesce(place.fields->>'mode', 'onsite') = 'onsite'
      and ${category ? sql`service.fields->>'category' = ${category}` : sql`true`} and ${terms}
      and (${inactive} or service.fields->>'status' = 'active' and coalesce(${offerings.state}, 'published') = 'published')`)) as unknown as {
    rows: { fields: Record<string, JsonValue> }[]
  }
  const points = rows.flatMap(({ fields }) =>
    isConfidentialLocation(fields) ? [] : (pointOf(numbersOf(fields)) ?? []),
  )
  return { points, leftOut: rows.length - points.length }
}

/** Coordinates that are possible; a feed may hold others, which place nothing. */
function numbersOf({ latitude, longitude }: Record<string, JsonValue>) {
  const possible = Point.safeParse({ latitude, longitude })
  return possible.success ? possible.data : { latitude: null, longitude: null }
}
