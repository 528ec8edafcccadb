import fc from 'fast-check'
import { expect, it } from 'vitest'
import { straightMeters } from '../../../src/features/communities/reach.ts'
import { createNearby } from '../../../src/features/search/nearby.ts'

const latitude = fc.oneof(
  fc.double({ min: -90, max: 90, noNaN: true }),
  fc.constantFrom(-90, -89.995, 0, 25.03, 89.995, 90),
)
const longitude = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, -179.9999, 0, 121.54, 179.9999, 180),
)
const point = fc.record({ latitude, longitude })

/** Around a point, at distances that matter. */
const cluster = (center: { latitude: number; longitude: number }) =>
  fc.record({
    latitude: fc.double({ min: -0.02, max: 0.02, noNaN: true }).map((d) => clamp(center.latitude + d)),
    longitude: fc.double({ min: -0.02, max: 0.02, noNaN: true }).map((d) => wrap(center.longitude + d)),
  })
const clamp = (value: number) => Math.max(-90, Math.min(90, value))
const wrap = (value: number) => (value > 180 ? value - 360 : value < -180 ? value + 360 : value)

it('misses nothing within reach, anywhere on earth, the poles and the 180th meridian included', () => {
  const scene = point.chain((center) =>
    fc.record({
      center: fc.constant(center),
      points: fc.array(fc.oneof(fc.constant(null), point, cluster(center)), { maxLength: 80 }),
      meters: fc.oneof(fc.double({ min: 0, max: 3000, noNaN: true }), fc.constantFrom(50_000, 25_000_000)),
    }),
  )
  let hits = 0
  fc.assert(
    fc.property(scene, ({ center, points, meters }) => {
      const found = createNearby(points).around(center, meters)
      expect(new Set(found).size).toBe(found.length)
      const within = points.flatMap((one, at) => (one && straightMeters(center, one) <= meters ? [at] : []))
      hits += within.length
      expect(found).toEqual(expect.arrayContaining(within))
    }),
    { seed: 8, numRuns: 3000 },
  )
  expect(hits).toBeGreaterThan(1000)
})

it('leaves out most of what is far', () => {
  const points = Array.from({ length: 1000 }, (_, at) => ({ latitude: 25 + at * 0.01, longitude: 121 }))
  expect(createNearby(points).around({ latitude: 25, longitude: 121 }, 1500)).toHaveLength(2)
})
