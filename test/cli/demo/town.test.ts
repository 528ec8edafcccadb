import { describe, expect, test } from 'vitest'
import type { District } from '../../../src/cli/demo/district.ts'
import { TAIPEI, TAIPEI_DISTRICTS } from '../../../src/cli/demo/published-figures.ts'
import { TERMS, type TermName } from '../../../src/cli/demo/terms.ts'
import { generateTown } from '../../../src/cli/demo/town.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function between(value: number, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low)
  expect(value).toBeLessThanOrEqual(high)
}

test('the published figures add up to the city', () => {
  const districts = Object.values(TAIPEI_DISTRICTS)
  expect(sum(districts.map((district) => district.villages))).toBe(TAIPEI.villages)
  expect(sum(districts.map((district) => district.elderly))).toBe(TAIPEI.population.age65up)
  expect(sum(districts.map((district) => district.residents))).toBe(sum(Object.values(TAIPEI.population)))
  expect(sum(TAIPEI.elderlyByBand)).toBe(TAIPEI.population.age65up)
})

test('the same seed gives the same bits, another seed another town', () => {
  expect(JSON.stringify(generateTown({ seed: 1 }))).toBe(JSON.stringify(generateTown({ seed: 1 })))
  expect(JSON.stringify(generateTown({ seed: 1 }))).not.toBe(JSON.stringify(generateTown({ seed: 2 })))
})

describe.each([1, 2, 3, 7, 42])('a town of seed %i is believable', (seed) => {
  const town: District = generateTown({ seed })
  const elderly = sum(town.villages.map((village) => village.population.age65up))

  test('villages, residents and incomes', () => {
    between(town.villages.length, 46, 53)
    expect(new Set(town.villages.map((village) => village.name)).size).toBe(town.villages.length)
    between(elderly, 45_000, 85_000)
    for (const village of town.villages) {
      expect(sum(village.elderlyByBand)).toBe(village.population.age65up)
      expect(Math.min(...village.elderlyByBand)).toBeGreaterThanOrEqual(0)
      expect(village.income.firstQuartile).toBeLessThan(village.income.median)
      between(village.income.median, 360, 1038)
    }
    const oldest = sum(town.villages.map((village) => village.elderlyByBand[4])) / elderly
    between(oldest, 0.09, 0.13)
  })

  test('units per head as in the city', () => {
    const units = (term: TermName): number =>
      town.offerings.filter((offering) => offering.term === term).length
    const tenThousands = elderly / 10_000
    between(units('prevention') / tenThousands, 4, 6.2)
    between(units('social_activity') / tenThousands, 7, 11.5)
    between(
      (units('clinic_visit') + units('dental_visit') + units('traditional_medicine')) / tenThousands,
      52,
      80,
    )
    between(units('medication_review') / tenThousands, 11, 18)
    between(units('home_care') / tenThousands, 2, 4)
  })

  test('every term is offered, every reference resolves, and nothing is called published', () => {
    const terms = new Set(town.offerings.map((offering) => offering.term))
    expect([...terms].sort()).toEqual(Object.keys(TERMS).sort())
    const stations = new Set(town.stations.map((station) => station.ref))
    const providers = new Set(town.providers.map((provider) => provider.ref))
    expect(stations.size).toBe(town.stations.length)
    expect(new Set(town.providers.map((provider) => provider.name)).size).toBe(town.providers.length)
    expect(new Set(town.offerings.map((offering) => offering.ref)).size).toBe(town.offerings.length)
    for (const offering of town.offerings) {
      expect(stations.has(offering.stationRef) && providers.has(offering.providerRef)).toBe(true)
      expect(offering.origin).toEqual({ capacity: 'assumed', price: 'assumed' })
      expect(Number.isInteger(offering.price) && Number.isInteger(offering.capacity)).toBe(true)
    }
    const shared = new Map<string, Set<string>>()
    for (const { stationRef, term } of town.offerings) {
      shared.set(stationRef, (shared.get(stationRef) ?? new Set()).add(term))
    }
    const both = [...shared.values()].filter((held) => held.has('prevention') && held.has('social_activity'))
    between(both.length, 20, 60)
  })
})
