import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  boxOf,
  insideOutline,
  insideRing,
  largestRingCentroid,
  moved,
  type Ring,
  ringCentroid,
} from '../../../src/features/communities/geometry.ts'
import { straightMeters } from '../../../src/features/communities/reach.ts'
import { square } from './squares.ts'

const degrees = (most: number) =>
  fc.integer({ min: -most * 1000, max: most * 1000 }).map((value) => value / 1000)

/** Star-shaped, so never crossing itself: corners around (0, 0) in order of their angles. */
const star = fc
  .array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 3, maxLength: 12 })
  .map((radii): Ring => {
    const corners = radii.map((radius, at) => {
      const angle = (2 * Math.PI * at) / radii.length
      return [radius * Math.cos(angle), radius * Math.sin(angle)]
    })
    return [...corners, corners[0]!]
  })

describe('rings', () => {
  it('have the centroid of what they enclose, wherever they lie and whichever way they turn', () => {
    fc.assert(
      fc.property(star, degrees(170), degrees(80), (ring, east, north) => {
        const there = ring.map(([x, y]) => [x! + east, y! + north])
        const [here, away] = [ringCentroid(ring), ringCentroid(there)]
        expect(away.point.longitude - east).toBeCloseTo(here.point.longitude, 6)
        expect(away.point.latitude - north).toBeCloseTo(here.point.latitude, 6)
        const turned = ringCentroid(ring.toReversed())
        expect(turned.area).toBeCloseTo(-here.area, 9)
        expect(turned.point.latitude).toBeCloseTo(here.point.latitude, 9)
        // Triangles from the middle to each side, summed.
        const { area } = ringCentroid(ring)
        const parts = ring
          .slice(1)
          .map((corner, at) => (ring[at]![0]! * corner[1]! - corner[0]! * ring[at]![1]!) / 2)
        expect(area).toBeCloseTo(
          parts.reduce((sum, part) => sum + part, 0),
          9,
        )
      }),
    )
  })

  it('hold what lies nearer to their middle than the side in that direction', () => {
    fc.assert(
      fc.property(star, fc.nat(), fc.double({ min: 0, max: 2, noNaN: true }), (ring, pick, far) => {
        fc.pre(Math.abs(far - 1) > 1e-6 && far > 1e-6)
        const at = pick % (ring.length - 1)
        const [a, b] = [ring[at]!, ring[at + 1]!]
        const middle = { longitude: ((a[0]! + b[0]!) / 2) * far, latitude: ((a[1]! + b[1]!) / 2) * far }
        expect(insideRing(middle, ring)).toBe(far < 1)
      }),
    )
  })

  it('of no area have their first corner for a centroid', () => {
    expect(ringCentroid([]).point).toEqual({ latitude: 0, longitude: 0 })
    const line = [
      [121, 25],
      [122, 26],
      [121, 25],
    ]
    expect(ringCentroid(line)).toEqual({ area: 0, point: { latitude: 25, longitude: 121 } })
  })
})

describe('outlines', () => {
  const outline = [[square(0, 0, 1), square(0.25, 0.25, 0.5)], [square(5, 5, 2)]]

  it('hold what their polygons hold and their holes do not', () => {
    const holds = (longitude: number, latitude: number) => insideOutline({ longitude, latitude }, outline)
    expect([holds(0.1, 0.1), holds(0.5, 0.5), holds(6, 6), holds(3, 3)]).toEqual([true, false, true, false])
  })

  it('lie in their box, and stand at the centroid of the largest ring', () => {
    expect(boxOf(outline)).toEqual({ west: 0, east: 7, south: 0, north: 7 })
    const { latitude, longitude } = largestRingCentroid(outline.map(([outer]) => outer!))
    expect([latitude, longitude]).toEqual([expect.closeTo(6, 9), expect.closeTo(6, 9)])
  })
})

it('a step of so many meters is so long', () => {
  fc.assert(
    fc.property(
      degrees(70),
      fc.integer({ min: -2000, max: 2000 }),
      fc.integer({ min: -2000, max: 2000 }),
      (at, n, e) => {
        const from = { latitude: at, longitude: at }
        const error = Math.abs(straightMeters(from, moved(from, n, e)) - Math.hypot(n, e))
        expect(error).toBeLessThan(3)
      },
    ),
  )
})
