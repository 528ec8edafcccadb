import { and, eq, gte, lte } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { insideOutline } from './geometry.ts'
import { AreaKind, type Point } from './schemas.ts'
import { areaOutlines, areas } from './tables.ts'

/**
 * For each point, the ids of the areas whose outline holds it, the smallest kind first; empty where none does.
 * Other features place their locations by it, so it asks for no permission of its own.
 */
export async function areasAround(ctx: Context, points: readonly Point[]): Promise<string[][]> {
  if (points.length === 0) return []
  const candidates = await outlinesNear(ctx, points)
  const rank = (kind: AreaKind) => AreaKind.options.indexOf(kind)
  candidates.sort((a, b) => rank(b.kind) - rank(a.kind) || (a.id < b.id ? -1 : 1))
  return points.map((point) =>
    candidates.filter((candidate) => holds(candidate, point)).map((candidate) => candidate.id),
  )
}

type Candidate = Awaited<ReturnType<typeof outlinesNear>>[number]

function holds({ west, east, south, north, outline }: Candidate, point: Point): boolean {
  const { latitude, longitude } = point
  const inBox = longitude >= west && longitude <= east && latitude >= south && latitude <= north
  return inBox && insideOutline(point, outline)
}

/** Outlines whose box touches the box of the points. */
function outlinesNear(ctx: Context, points: readonly Point[]) {
  const latitudes = points.map(({ latitude }) => latitude)
  const longitudes = points.map(({ longitude }) => longitude)
  const { outline, west, east, south, north } = areaOutlines
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b))
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b))
  return query(ctx)
    .select({ id: areas.id, kind: areas.kind, outline, west, east, south, north })
    .from(areaOutlines)
    .innerJoin(areas, eq(areas.id, areaOutlines.areaId))
    .where(
      and(
        lte(west, most(longitudes)),
        gte(east, least(longitudes)),
        lte(south, most(latitudes)),
        gte(north, least(latitudes)),
      ),
    )
}
