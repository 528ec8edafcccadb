/**
 * The services of the demo: one row per term, shared by the real city, the generated town, the drawn
 * needs and the programs. Nothing here is read from a file: prices and capacities are ASSUMED unless a
 * source publishes its own, and every offering's `origin` says which.
 *
 * Prices follow Taiwan's "Long-term care services: payment and unit prices" (LTC 2.0; codes AA, BA, BB,
 * CA, CB, GA, OT) rounded to one figure per term; medical prices are what an insured person typically
 * pays at the counter (registration and co-payment), therapies their usual self-pay rate.
 */
import type { Mode } from '../../features/catalog/schemas.ts'
import type { Rule } from '../../features/policies/eligibility.ts'
import type { Category, Tier } from '../../features/policies/schemas.ts'
import type { DistrictOffering } from './district.ts'

export interface Term {
  label: string
  category: Category
  tier: Tier
  mode: Mode
  unit: DistrictOffering['unit']
  /** New Taiwan dollars per unit. */
  price: number
  priceBasis: string
  staffMinutes: number
  /** The most units a resident takes in a month: the parcel in which capacity is sampled. */
  parcel: number
  /** Units per month and station open to residents, where the source publishes no figure. */
  capacity: { low: number; high: number; basis: string }
  eligibility: Rule | null
}

/** Taiwan dollars as minor units: ISO 4217 gives TWD two decimals, though nobody uses them. */
export function ntd(dollars: number): number {
  return Math.round(dollars * 100)
}

const assessed = (level: number): Rule => ({ fact: 'careLevel', op: 'gte', value: level })

const older: Rule = { fact: 'age', op: 'gte', value: 65 }

/** Stations of the C level serve the healthy to mildly dependent. */
const mild: Rule = { all: [older, { fact: 'careLevel', op: 'lte', value: 4 }] }

type Columns = [
  label: string,
  category: Category,
  tier: Tier,
  mode: Mode,
  unit: DistrictOffering['unit'],
  price: number,
  priceBasis: string,
  staffMinutes: number,
  parcel: number,
  low: number,
  high: number,
  capacityBasis: string,
  eligibility: Rule | null,
]

function term(...[label, category, tier, mode, unit, price, priceBasis, ...rest]: Columns): Term {
  const [staffMinutes, parcel, low, high, basis, eligibility] = rest
  const capacity = { low, high, basis }
  return { label, category, tier, mode, unit, price, priceBasis, staffMinutes, parcel, capacity, eligibility }
}

const FEE = 'registration and co-payment'

// biome-ignore format: a table reads best with one service per line
const ROWS = {
  home_care: term('Home care', 'elderly_care', 'basic', 'home', 'hour', 390, '2 × BA02', 60, 28, 900, 2700, '9–27 care workers × 100 billed hours', assessed(2)),
  case_management: term('Care planning and case management', 'elderly_care', 'basic', 'home', 'month', 400, 'AA02', 60, 1, 300, 450, '2–3 case managers × 150 cases', assessed(2)),
  day_care: term('Day care', 'elderly_care', 'inclusive', 'onsite', 'day', 920, 'BB05 (level 4)', 60, 20, 440, 880, '20–40 places × 22 days', assessed(2)),
  respite_home: term('Respite at home, two hours', 'elderly_care', 'inclusive', 'home', 'visit', 770, 'GA09', 120, 5, 60, 160, 'one to two workers beside home care', assessed(2)),
  respite_day: term('Respite in day care', 'elderly_care', 'inclusive', 'onsite', 'day', 1250, 'GA03', 60, 4, 44, 88, '2–4 places × 22 days', assessed(2)),
  respite_station: term('Respite at a neighborhood station', 'elderly_care', 'inclusive', 'onsite', 'hour', 170, 'GA07', 15, 12, 176, 352, '2–4 places × 4 hours × 22 days', assessed(2)),
  respite_stay: term('Respite stay', 'elderly_care', 'inclusive', 'onsite', 'day', 2310, 'GA05', 180, 7, 30, 90, '1–3 beds × 30 days', assessed(2)),
  residential_care: term('Place in a care home', 'elderly_care', 'inclusive', 'onsite', 'month', 30000, 'fees of the three homes that publish them', 5400, 1, 20, 60, 'licensed beds', assessed(4)),
  nursing_home: term('Place in a nursing home', 'elderly_care', 'inclusive', 'onsite', 'month', 36000, 'usual monthly fee', 7200, 1, 30, 90, 'licensed beds', assessed(5)),
  dementia_support: term('Dementia program, half a day', 'elderly_care', 'inclusive', 'onsite', 'visit', 300, 'usual fee', 30, 10, 200, 520, '12 seats × half-days a month', older),
  prevention: term('Prevention of disability, class', 'elderly_care', 'basic', 'onsite', 'visit', 150, 'class fee ÷ 20 participants', 6, 8, 160, 320, '8–16 classes × 20 seats', mild),
  caregiver_support: term('Advice for family caregivers', 'elderly_care', 'personalized', 'onsite', 'visit', 1000, 'usual fee', 60, 3, 60, 120, '3–6 sessions a working day', assessed(2)),
  clinic_visit: term('Visit to a clinic', 'medical', 'basic', 'onsite', 'visit', 200, FEE, 10, 2, 60, 160, 'appointments kept for older residents', null),
  dental_visit: term('Visit to a dentist', 'medical', 'inclusive', 'onsite', 'visit', 200, FEE, 30, 1, 15, 45, 'appointments kept for older residents', null),
  traditional_medicine: term('Visit to a practitioner of Chinese medicine', 'medical', 'personalized', 'onsite', 'visit', 250, FEE, 15, 3, 20, 60, 'appointments kept for older residents', null),
  specialist_visit: term('Visit to a hospital outpatient department', 'medical', 'inclusive', 'onsite', 'visit', 500, FEE, 15, 1, 600, 1800, 'appointments kept for older residents', null),
  medication_review: term('Medication review at a pharmacy', 'medical', 'basic', 'onsite', 'visit', 100, 'usual fee', 15, 1, 30, 90, 'one to four a working day', null),
  physical_therapy: term('Physical therapy', 'medical', 'inclusive', 'onsite', 'visit', 1200, 'usual self-pay rate', 45, 5, 60, 180, 'one to two therapists beside their regulars', null),
  occupational_therapy: term('Occupational therapy at home', 'medical', 'inclusive', 'home', 'visit', 1500, 'CA07 ÷ 3', 60, 4, 90, 180, '1–2 therapists × 90 visits', assessed(2)),
  speech_therapy: term('Speech and swallowing therapy at home', 'medical', 'inclusive', 'home', 'visit', 1500, 'CB02 ÷ 6', 60, 4, 90, 180, '1–2 therapists × 90 visits', assessed(2)),
  respiratory_care: term('Respiratory care at home', 'medical', 'inclusive', 'home', 'visit', 1500, 'CB04 ÷ 6', 60, 2, 90, 180, '1–2 therapists × 90 visits', assessed(4)),
  home_nursing: term('Nursing visit at home', 'medical', 'basic', 'home', 'visit', 1300, 'usual visit fee and transport', 60, 3, 90, 240, '1–3 nurses × 80–90 visits', assessed(2)),
  counseling: term('Psychological counseling', 'medical', 'personalized', 'onsite', 'visit', 1600, 'usual self-pay rate', 50, 2, 80, 160, '1–2 counselors × 80 hours', null),
  social_activity: term('Group activity', 'cultural', 'inclusive', 'onsite', 'visit', 60, 'materials and snacks', 8, 8, 160, 480, 'half-days a month × 15 seats', older),
  learning_class: term('Class for seniors', 'cultural', 'personalized', 'onsite', 'visit', 100, 'usual fee', 6, 4, 80, 240, '4–12 classes × 20 seats', older),
  meal: term('Shared meal', 'life_care', 'basic', 'onsite', 'meal', 100, 'OT01', 5, 22, 440, 1100, '20–50 seats × 22 days', older),
  friendly_visit: term('Friendly visit', 'life_care', 'basic', 'home', 'visit', 0, 'by volunteers', 40, 4, 30, 90, '4–11 volunteers × 8 visits', older),
} satisfies Record<string, Term>

export type TermName = keyof typeof ROWS

export const TERMS: Readonly<Record<TermName, Term>> = ROWS

/** A term by name; null for one the demo does not know. */
export function termOf(name: string): Term | null {
  return Object.hasOwn(TERMS, name) ? TERMS[name as TermName] : null
}
