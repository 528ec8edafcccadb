import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { straightMeters, walkingMinutes } from '../../../src/features/communities/reach.ts'

const point = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
})

describe('reach', () => {
  it('measures a degree of latitude as 111.19 km', () => {
    const meters = straightMeters({ latitude: 25, longitude: 121 }, { latitude: 26, longitude: 121 })
    expect(meters).toBeCloseTo((6_371_000 * Math.PI) / 180, 3)
  })

  it('agrees with the law of cosines across a city', () => {
    const station = { latitude: 25.04776, longitude: 121.51706 }
    const tower = { latitude: 25.03376, longitude: 121.56487 }
    const [a, b] = [station, tower].map(({ latitude }) => (latitude * Math.PI) / 180) as [number, number]
    const turn = ((tower.longitude - station.longitude) * Math.PI) / 180
    const angle = Math.acos(Math.sin(a) * Math.sin(b) + Math.cos(a) * Math.cos(b) * Math.cos(turn))
    expect(straightMeters(station, tower)).toBeCloseTo(6_371_000 * angle, 2)
  })

  it('takes 15 minutes to 720 m for slow walkers on a straight way, fewer meters with detours', () => {
    const a = { latitude: 25, longitude: 121 }
    const b = { latitude: 25 + (720 / 6_371_000) * (180 / Math.PI), longitude: 121 }
    expect(walkingMinutes(a, b, { metersPerSecond: 0.8, detourFactor: 1 })).toBeCloseTo(15, 6)
    expect(walkingMinutes(a, b, { metersPerSecond: 1.2, detourFactor: 1.5 })).toBeCloseTo(15, 6)
  })

  it('is symmetric, zero at home, and never beyond half the globe', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        const there = straightMeters(a, b)
        expect(there).toBeCloseTo(straightMeters(b, a), 4)
        expect(there).toBeGreaterThanOrEqual(0)
        expect(there).toBeLessThanOrEqual(6_371_000 * Math.PI + 1)
        expect(straightMeters(a, a)).toBe(0)
      }),
    )
  })
})
