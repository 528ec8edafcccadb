import type { Context } from '../../platform/context.ts'
import { invalidInput } from '../../platform/http/router.ts'
import { findAreasAt } from '../communities/find-area-at.ts'
import { requireAreas } from '../communities/require-areas.ts'
import type { Point } from '../communities/schemas.ts'

/** Where somebody lives as the partner tells it. */
export interface Home {
  /** Null = the area that holds the point. */
  areaId: string | null
  /** Exact: rounded first, it could fall on the other side of a border. */
  point: Point
  /** Path of the field that names the area. */
  path: (string | number)[]
}

/** Names no area, and no outline holds the point. */
export const NO_OUTLINE = 'no outline holds the point; name the area'

/**
 * The area of each home, in the order given.
 * @throws Refusal `invalid_input` with a pointer to every home whose area is unknown or cannot be found.
 */
export async function homeAreas(ctx: Context, homes: readonly Home[]): Promise<string[]> {
  const named = homes.flatMap(({ areaId, path }) => (areaId === null ? [] : [{ id: areaId, path }]))
  await requireAreas(ctx, named)
  const unnamed = homes.filter(({ areaId }) => areaId === null)
  const found = await findAreasAt(
    ctx,
    unnamed.map(({ point }) => point),
  )
  const lost = unnamed.filter((_, index) => found[index] === null)
  if (lost.length > 0) throw invalidInput(lost.map(({ path }) => ({ path, message: NO_OUTLINE })))
  const areaOf = new Map(unnamed.map((home, index) => [home, found[index]!]))
  return homes.map((home) => home.areaId ?? areaOf.get(home)!)
}
