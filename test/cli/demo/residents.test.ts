import { describe, expect, test } from 'vitest'
import { planPrograms } from '../../../src/cli/demo/programs.ts'
import { seededRandom } from '../../../src/cli/demo/random.ts'
import { COUNT_YEAR, drawResidents } from '../../../src/cli/demo/residents.ts'
import { parcelOf, scaleToSample } from '../../../src/cli/demo/scale.ts'
import { TERMS, type TermName } from '../../../src/cli/demo/terms.ts'
import { generateTown } from '../../../src/cli/demo/town.ts'
import { greedyShare } from './support.ts'

const town = generateTown({ seed: 1 })
const residents = drawResidents(town, { residents: 2000, seed: 1 })
const share = (count: number): number => count / residents.length

test('the generator of random numbers is the one of its first day', () => {
  const random = seededRandom(1)
  expect([random.integer(0, 999), random.integer(0, 999), random.integer(0, 999)]).toEqual([627, 2, 527])
})

describe('drawn residents', () => {
  test('as many as asked for, the same for the same seed', () => {
    expect(residents).toHaveLength(2000)
    expect(drawResidents(town, { residents: 2000, seed: 1 })).toEqual(residents)
    expect(drawResidents(town, { residents: 2000, seed: 2 })).not.toEqual(residents)
    for (const count of [1, 7, 500])
      expect(drawResidents(town, { residents: count, seed: 3 })).toHaveLength(count)
  })

  test('villages and age bands get their share to the person', () => {
    const elderly = town.villages.reduce((sum, village) => sum + village.population.age65up, 0)
    for (const village of town.villages) {
      const drawn = residents.filter((resident) => resident.villageCode === village.code).length
      expect(Math.abs(drawn - (2000 * village.population.age65up) / elderly)).toBeLessThan(1)
    }
    for (const band of [0, 1, 2, 3, 4] as const) {
      const expected = town.villages.reduce((sum, village) => sum + village.elderlyByBand[band], 0) / elderly
      const ages = residents.map((resident) => COUNT_YEAR - resident.birthYear)
      const drawn = ages.filter((age) => Math.min(4, Math.floor((age - 65) / 5)) === band)
      expect(Math.abs(share(drawn.length) - expected)).toBeLessThan(0.02)
    }
    expect(residents.every((resident) => COUNT_YEAR - resident.birthYear >= 65)).toBe(true)
  })

  test('rates are near their sources', () => {
    const entitled = residents.filter((resident) => resident.careLevel >= 2)
    expect(share(entitled.length)).toBeGreaterThan(0.11)
    expect(share(entitled.length)).toBeLessThan(0.155)
    const oldest = residents.filter((resident) => COUNT_YEAR - resident.birthYear >= 85)
    expect(oldest.filter((resident) => resident.careLevel >= 2).length / oldest.length).toBeGreaterThan(0.36)
    const poor = residents.filter((resident) => resident.incomeClass !== 'general')
    expect(share(poor.length)).toBeGreaterThan(0.15)
    expect(share(poor.length)).toBeLessThan(0.35)
  })

  test('points have three decimals, money is whole dollars, needs are terms the district offers', () => {
    const offered = new Set(town.offerings.map((offering) => offering.term))
    for (const { point, wallet, needs } of residents) {
      expect(String(point.latitude)).toMatch(/^\d+(\.\d{1,3})?$/)
      expect(String(point.longitude)).toMatch(/^\d+(\.\d{1,3})?$/)
      expect(wallet > 0 && wallet % 100 === 0).toBe(true)
      for (const need of needs) {
        const term = TERMS[need.term as TermName]
        expect(offered.has(need.term)).toBe(true)
        expect(need).toMatchObject({ category: term.category, tier: term.tier })
        expect(need.quantity > 0 && need.quantity <= term.parcel).toBe(true)
        expect(need.waitingDays >= 0 && need.waitingDays <= 365).toBe(true)
      }
    }
  })

  test('a term nobody offers is not asked for, and changes nothing else', () => {
    const without = { ...town, offerings: town.offerings.filter((offering) => offering.term !== 'meal') }
    const drawn = drawResidents(without, { residents: 2000, seed: 1 })
    const expected = residents.map((resident) => ({
      ...resident,
      needs: resident.needs.filter((need) => need.term !== 'meal'),
    }))
    expect(drawn).toEqual(expected)
  })
})

describe('scaling to the sample', () => {
  const scaled = scaleToSample(town, residents)

  test('every term keeps its total to the parcel, in whole parcels', () => {
    const elderly = town.villages.reduce((sum, village) => sum + village.population.age65up, 0)
    for (const name of Object.keys(TERMS)) {
      const of = (district: typeof town) => district.offerings.filter((offering) => offering.term === name)
      const parcel = parcelOf(name, of(town))
      const total = (district: typeof town): number =>
        of(district).reduce((sum, { capacity }) => sum + capacity, 0)
      expect(Math.abs(total(scaled) - (total(town) * 2000) / elderly)).toBeLessThan(parcel + 1e-6)
      expect(of(scaled).every(({ capacity }) => capacity >= 0 && capacity % parcel === 0)).toBe(true)
    }
  })

  test('it is pure, deterministic, and leaves a full count alone', () => {
    const before = JSON.stringify(town)
    expect(scaleToSample(town, residents)).toEqual(scaled)
    expect(JSON.stringify(town)).toBe(before)
    const elderly = town.villages.reduce((sum, village) => sum + village.population.age65up, 0)
    expect(scaleToSample(town, Array(elderly).fill(residents[0]))).toBe(town)
  })

  test.each([1, 2, 3, 7])('scarcity is real: seed %i meets 60 to 87 %% of needs, money aside', (seed) => {
    const other = generateTown({ seed })
    const drawn = drawResidents(other, { residents: 2000, seed })
    const met = greedyShare(scaleToSample(other, drawn), drawn)
    expect(met).toBeGreaterThan(0.6)
    expect(met).toBeLessThan(0.87)
  })
})

test('programs: deterministic, budgets in thousands, smaller than what is asked for', () => {
  const programs = planPrograms(town, residents)
  expect(planPrograms(town, residents)).toEqual(programs)
  expect(programs.map((program) => program.ref)).toEqual([
    'basic-guarantee',
    'care-lower-middle',
    'care-general',
    'medical-support',
    'active-ageing',
  ])
  for (const program of programs) {
    expect(program.budget).toBeGreaterThan(0)
    expect(program.budget % 100_000).toBe(0)
  }
  const price = (term: string): number => 100 * TERMS[term as TermName].price
  const asked = residents
    .filter((resident) => resident.incomeClass === 'general' && resident.careLevel >= 2)
    .flatMap((resident) => resident.needs)
    .filter((need) => need.category === 'elderly_care' && need.tier !== 'personalized')
    .reduce((sum, need) => sum + need.quantity * price(need.term), 0)
  const general = programs.find((program) => program.ref === 'care-general')!
  expect(general.budget).toBeGreaterThan(0.25 * 0.84 * asked)
  expect(general.budget).toBeLessThan(0.65 * 0.84 * asked)
})
