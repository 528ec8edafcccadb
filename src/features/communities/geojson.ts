/** The part of GeoJSON (RFC 7946) that outlines areas: polygons in a FeatureCollection. */
import { z } from '@hono/zod-openapi'

/** Deeper values cannot be what a mapped property holds; they are an attack or an accident. */
const DEEPEST = 8

const Position = z
  .array(z.number())
  .min(2)
  .max(4)
  .refine(([longitude = 0]) => Math.abs(longitude) <= 180, 'the longitude is not within -180 … 180')
  .refine(([, latitude = 0]) => Math.abs(latitude) <= 90, 'the latitude is not within -90 … 90')
  .openapi({ description: 'Longitude, latitude', example: [121.543, 25.026] })

const LinearRing = z
  .array(Position)
  .min(4)
  .max(100_000)
  .refine(isClosed, 'the ring is not closed: its first and last positions differ')

function isClosed(ring: number[][]): boolean {
  const [first, last] = [ring[0], ring.at(-1)]
  return first?.[0] === last?.[0] && first?.[1] === last?.[1]
}

const Polygon = z.object({ type: z.literal('Polygon'), coordinates: z.array(LinearRing).min(1) })
const MultiPolygon = z.object({
  type: z.literal('MultiPolygon'),
  coordinates: z.array(z.array(LinearRing).min(1)).min(1),
})

const Properties = z.record(z.string(), z.unknown()).superRefine((properties, issues) => {
  for (const [name, value] of Object.entries(properties)) {
    if (nestsDeeper(value, DEEPEST)) {
      const message = `is nested more than ${DEEPEST} levels deep`
      issues.addIssue({ code: 'custom', path: [name], message })
    }
  }
})

/** Never looks farther down than `levels`, however deep the value is. */
function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1))
}

const Feature = z.object({
  type: z.literal('Feature'),
  properties: Properties.nullable(),
  geometry: z.discriminatedUnion('type', [Polygon, MultiPolygon]).nullable(),
})
export type Feature = z.infer<typeof Feature>

export const FeatureCollection = z
  .object({ type: z.literal('FeatureCollection'), features: z.array(Feature).max(50_000) })
  .openapi('FeatureCollection')
export type FeatureCollection = z.infer<typeof FeatureCollection>
