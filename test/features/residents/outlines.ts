/** Outlines for areas of a test: a square in the north, one in the south, and a grid in a corner of the north. */
import { boxOf } from '../../../src/features/communities/geometry.ts'
import { areaOutlines } from '../../../src/features/communities/tables.ts'
import type { TestWorld } from '../../support/test-world.ts'
import { square } from '../communities/squares.ts'

export const CORNERS = {
  north: { latitude: 25.03, longitude: 121.54, size: 0.0096 },
  south: { latitude: 25.01, longitude: 121.54, size: 0.0096 },
  grid: { latitude: 25.03, longitude: 121.54, size: 0.001 },
}

export async function outline(
  world: Pick<TestWorld, 'db'>,
  areaId: string,
  { latitude, longitude, size }: (typeof CORNERS)['north'],
): Promise<void> {
  const outline = [[square(longitude, latitude, size)]]
  await world.db.root.insert(areaOutlines).values({ areaId, outline, ...boxOf(outline) })
}
