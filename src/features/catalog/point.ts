/** A point as two columns, and back. */
import type { Point } from '../communities/schemas.ts'

interface PointColumns {
  latitude: number | null
  longitude: number | null
}

export function pointColumns(point: Point | null): PointColumns {
  return { latitude: point?.latitude ?? null, longitude: point?.longitude ?? null }
}

export function pointOf({ latitude, longitude }: PointColumns): Point | null {
  return latitude === null || longitude === null ? null : { latitude, longitude }
}
