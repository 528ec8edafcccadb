/**
 * The public money of the demo. Shares follow the co-payments of Taiwan's LTC 2.0: 0 % for low, 5 % for
 * lower-middle and 16 % for general income; caps per resident are its monthly limits for care level 8,
 * 6 and 5; caps per unit (assumed) bear only on a month in a home. Budgets are a fixed part of what eligible residents ask for, so that funds bind.
 */
import { evaluate, type Facts, type Rule } from '../../features/policies/eligibility.ts'
import type { District, DistrictProgram, DistrictResident } from './district.ts'
import { COUNT_YEAR } from './residents.ts'
import { ntd } from './terms.ts'

interface Blueprint extends Omit<DistrictProgram, 'budget'> {
  eligibility: Rule
  /** Part of the eligible ask that the budget covers; assumed. */
  coverage: number
}

const income = (...classes: string[]): Rule => ({ fact: 'incomeClass', op: 'in', value: classes })

const level = (least: number): Rule => ({ fact: 'careLevel', op: 'gte', value: least })

const BLUEPRINTS: readonly Blueprint[] = [
  {
    ref: 'basic-guarantee',
    name: 'Basic guarantee for low income and the highest care levels',
    categories: ['elderly_care', 'life_care'],
    tiers: ['basic', 'inclusive'],
    eligibility: { any: [income('low'), level(7)] },
    subsidyShare: 10_000,
    unitCap: null,
    residentCap: ntd(36_180),
    coverage: 0.75,
  },
  {
    ref: 'care-lower-middle',
    name: 'Long-term care subsidy, lower-middle income',
    categories: ['elderly_care'],
    tiers: ['basic', 'inclusive'],
    eligibility: { all: [income('lower_middle'), level(2)] },
    subsidyShare: 9_500,
    unitCap: ntd(24_000),
    residentCap: ntd(28_070),
    coverage: 0.65,
  },
  {
    ref: 'care-general',
    name: 'Long-term care subsidy, general income',
    categories: ['elderly_care'],
    tiers: ['basic', 'inclusive'],
    eligibility: { all: [income('general'), level(2)] },
    subsidyShare: 8_400,
    unitCap: ntd(16_000),
    residentCap: ntd(24_100),
    coverage: 0.55,
  },
  {
    ref: 'medical-support',
    name: 'Medical co-payment support',
    categories: ['medical'],
    tiers: ['basic', 'inclusive'],
    eligibility: { any: [income('low', 'lower_middle'), level(2)] },
    subsidyShare: 7_000,
    unitCap: ntd(1_000),
    residentCap: ntd(4_000),
    coverage: 0.6,
  },
  {
    ref: 'active-ageing',
    name: 'Active ageing: meals, prevention, culture',
    categories: ['cultural', 'life_care', 'elderly_care'],
    tiers: ['basic', 'inclusive', 'personalized'],
    eligibility: {
      all: [
        { fact: 'age', op: 'gte', value: 65 },
        { fact: 'careLevel', op: 'lte', value: 1 },
      ],
    },
    subsidyShare: 6_000,
    unitCap: ntd(100),
    residentCap: ntd(1_500),
    coverage: 0.55,
  },
]

/** The district's programs, their budgets sized by what the drawn residents ask for. */
export function planPrograms(district: District, residents: readonly DistrictResident[]): DistrictProgram[] {
  const prices = medianPrices(district)
  return BLUEPRINTS.map(({ coverage, ...program }) => {
    const ask = residents
      .filter((resident) => evaluate(program.eligibility, factsOf(resident)) === 'pass')
      .reduce((sum, resident) => sum + askOf(resident, program, prices), 0)
    return { ...program, budget: Math.ceil((ask * coverage) / ntd(1_000)) * ntd(1_000) }
  })
}

function askOf(
  resident: DistrictResident,
  program: Omit<DistrictProgram, 'budget'>,
  prices: Map<string, number>,
): number {
  const { categories, tiers, subsidyShare, unitCap, residentCap } = program
  let ask = 0
  for (const need of resident.needs) {
    if (!categories.includes(need.category) || !tiers.includes(need.tier)) continue
    const subsidy = Math.floor(((prices.get(need.term) ?? 0) * subsidyShare) / 10_000)
    ask += need.quantity * Math.min(subsidy, unitCap ?? subsidy)
  }
  return Math.min(ask, residentCap ?? ask)
}

function medianPrices({ offerings }: District): Map<string, number> {
  const prices = new Map<string, number[]>()
  for (const { term, price } of offerings) {
    const list = prices.get(term)
    if (list === undefined) prices.set(term, [price])
    else list.push(price)
  }
  return new Map(
    [...prices].map(([term, list]) => [term, list.sort((a, b) => a - b)[list.length >> 1]!] as const),
  )
}

function factsOf(resident: DistrictResident): Facts {
  const { careLevel, incomeClass, mobility, livesAlone } = resident
  return { age: COUNT_YEAR - resident.birthYear, careLevel, incomeClass, mobility, livesAlone }
}
