/**
 * Which services a resident asks for. The rates are ASSUMED, set so that the city as a whole asks for
 * somewhat more than its units can give where waiting lists are known (home care, day care, meals,
 * respite, homes) and for less where they are not (clinics). They are probabilities a month, per
 * resident who meets the condition; care-level conditions follow Taiwan's LTC 2.0, in which levels
 * 2–8 are entitled.
 */
import type { DistrictNeed, DistrictResident } from './district.ts'
import type { Random } from './random.ts'
import { TERMS, type TermName } from './terms.ts'

export type Person = Omit<DistrictResident, 'needs'> & { age: number }

interface Demand {
  term: TermName
  rate: (person: Person) => number
  /** Units a month, drawn evenly between the two. */
  quantity: [low: number, high: number]
}

const entitled = (person: Person): boolean => person.careLevel >= 2

const between = (person: Person, low: number, high: number): boolean =>
  person.careLevel >= low && person.careLevel <= high

const goesOut = (person: Person): boolean => person.mobility !== 'homebound'

const poor = (person: Person): boolean => person.incomeClass !== 'general'

function homeCare(person: Person): number {
  // Level 1 is frail but not entitled: some ask all the same, and are told why not.
  if (person.careLevel === 1) return 0.02
  return entitled(person) ? (between(person, 4, 5) ? 0.36 : 0.3) : 0
}

function meals(person: Person): number {
  if (!goesOut(person)) return 0
  return 0.022 * (poor(person) ? 1.8 : 1) * (person.livesAlone ? 1.8 : 1)
}

function dementia(person: Person): number {
  if (!goesOut(person)) return 0
  return person.age >= 85 ? 0.035 : person.age >= 75 ? 0.014 : 0
}

// biome-ignore format: a table reads best with one service per line
const DEMANDS: readonly Demand[] = [
  { term: 'home_care', rate: homeCare, quantity: [10, 28] },
  { term: 'case_management', rate: (person) => (entitled(person) ? 0.4 : 0), quantity: [1, 1] },
  { term: 'day_care', rate: (person) => (between(person, 2, 6) && goesOut(person) ? 0.08 : 0), quantity: [8, 20] },
  { term: 'respite_home', rate: (person) => (entitled(person) ? 0.07 : 0), quantity: [2, 5] },
  { term: 'respite_day', rate: (person) => (entitled(person) && goesOut(person) ? 0.025 : 0), quantity: [1, 4] },
  { term: 'respite_station', rate: (person) => (between(person, 2, 4) && goesOut(person) ? 0.035 : 0), quantity: [4, 12] },
  { term: 'respite_stay', rate: (person) => (between(person, 4, 8) ? 0.02 : 0), quantity: [3, 7] },
  { term: 'residential_care', rate: (person) => (between(person, 4, 8) ? 0.15 : 0), quantity: [1, 1] },
  { term: 'nursing_home', rate: (person) => (between(person, 6, 8) ? 0.06 : 0), quantity: [1, 1] },
  { term: 'dementia_support', rate: dementia, quantity: [4, 10] },
  { term: 'prevention', rate: (person) => (between(person, 0, 4) && goesOut(person) ? 0.03 : 0), quantity: [4, 8] },
  { term: 'caregiver_support', rate: (person) => (entitled(person) && !person.livesAlone ? 0.004 : 0), quantity: [1, 3] },
  { term: 'clinic_visit', rate: (person) => (goesOut(person) ? 0.2 : 0.05), quantity: [1, 2] },
  { term: 'dental_visit', rate: (person) => (goesOut(person) ? 0.06 : 0.01), quantity: [1, 1] },
  { term: 'traditional_medicine', rate: (person) => (goesOut(person) ? 0.025 : 0), quantity: [1, 3] },
  { term: 'specialist_visit', rate: (person) => (person.age >= 75 ? 0.12 : 0.08), quantity: [1, 1] },
  { term: 'medication_review', rate: (person) => (person.age >= 75 ? 0.13 : 0.08), quantity: [1, 1] },
  { term: 'physical_therapy', rate: (person) => (entitled(person) ? 0.025 : 0.006), quantity: [2, 5] },
  { term: 'occupational_therapy', rate: (person) => (entitled(person) ? 0.009 : 0), quantity: [2, 4] },
  { term: 'speech_therapy', rate: (person) => (between(person, 3, 8) ? 0.002 : 0), quantity: [2, 4] },
  { term: 'respiratory_care', rate: (person) => (between(person, 5, 8) ? 0.002 : 0), quantity: [1, 2] },
  { term: 'home_nursing', rate: (person) => (between(person, 4, 8) ? 0.09 : entitled(person) ? 0.03 : 0), quantity: [1, 3] },
  { term: 'counseling', rate: () => 0.0006, quantity: [1, 2] },
  { term: 'social_activity', rate: (person) => (goesOut(person) ? (person.livesAlone ? 0.1 : 0.07) : 0), quantity: [4, 8] },
  { term: 'learning_class', rate: (person) => (between(person, 0, 1) && person.age < 80 ? 0.008 : 0), quantity: [2, 4] },
  { term: 'meal', rate: meals, quantity: [10, 22] },
  { term: 'friendly_visit', rate: (person) => (person.livesAlone ? 0.08 : goesOut(person) ? 0.002 : 0.04), quantity: [2, 4] },
]

/** Draws a resident's needs among the terms the district offers, in the table's order. */
export function drawNeeds(person: Person, offered: ReadonlySet<string>, random: Random): DistrictNeed[] {
  const needs: DistrictNeed[] = []
  for (const { term, rate, quantity } of DEMANDS) {
    // Drawn before the filter, so that a missing service changes no other draw.
    const asks = random.chance(rate(person))
    const units = random.integer(...quantity)
    const waitingDays = Math.min(365, Math.floor(-30 * Math.log(1 - random.next())))
    if (!asks || !offered.has(term)) continue
    needs.push({ category: TERMS[term].category, term, tier: TERMS[term].tier, quantity: units, waitingDays })
  }
  return needs
}
