import type { Context } from '../../platform/context.ts'
import { areasAround } from './areas-around.ts'
import type { Point } from './schemas.ts'

/**
 * For each point, the id of the smallest area whose outline holds it (a grid before its community); null where none
 * does. Other features place people by it, so it asks for no permission of its own.
 */
export async function findAreasAt(ctx: Context, points: readonly Point[]): Promise<(string | null)[]> {
  const around = await areasAround(ctx, points)
  return around.map(([smallest]) => smallest ?? null)
}
