/** How many units of each kind the generated town has, who runs them and what they offer. */
import type { Sector } from '../../features/identity/schemas.ts'
import { type DistrictFigures, TAIPEI, TAIPEI_DISTRICTS } from './published-figures.ts'
import type { TermName } from './terms.ts'

export interface Kind {
  key: string
  /** What a provider of this kind is called, after its invented name. */
  title: string
  /** Units per 10,000 residents aged 65 and over, from the published figures. */
  density: number
  services: TermName[]
  /** Shares of government, NGO and market, counted from the same lists. */
  sectors: Record<Exclude<Sector, 'joint'>, number>
  /** Shares the address of a unit of this kind this often. */
  shares?: { kind: string; share: number }
  /** How strongly units crowd in the middle: 0 follows the residents. */
  crowding: number
}

const DISTRICTS = Object.values(TAIPEI_DISTRICTS)

function density(column: keyof DistrictFigures): number {
  return perTenThousand(DISTRICTS.reduce((sum, district) => sum + district[column], 0))
}

function perTenThousand(units: number): number {
  return (units / TAIPEI.population.age65up) * 10_000
}

const units = Object.fromEntries(
  Object.entries(TAIPEI.units).map(([key, count]) => [key, perTenThousand(count)]),
) as Record<keyof typeof TAIPEI.units, number>

const PUBLIC = { government: 0.2, ngo: 0.77, market: 0.03 }
const CARE = { government: 0.15, ngo: 0.2, market: 0.65 }
const BUSINESS = { government: 0, ngo: 0.01, market: 0.99 }
const ADVICE = { government: 0, ngo: 1, market: 0 }

/** Of every ten clinics: five of general practice and specialties, three to four dentists, one to two of Chinese medicine. */
const CLINICS = density('clinics')

// biome-ignore format: a table reads best with one kind per line
export const KINDS: readonly Kind[] = [
  { key: 'care_point', title: 'Neighbors’ Association', density: density('carePoints') - units.learning, services: ['social_activity', 'friendly_visit'], sectors: { government: 0.3, ngo: 0.66, market: 0.04 }, crowding: 0 },
  { key: 'station', title: 'Care Station', density: density('stations'), services: ['prevention', 'meal'], sectors: PUBLIC, crowding: 0, shares: { kind: 'care_point', share: 0.87 } },
  { key: 'respite_station', title: 'Care Station', density: units.respiteStation, services: ['respite_station'], sectors: PUBLIC, crowding: 0, shares: { kind: 'station', share: 1 } },
  { key: 'learning', title: 'School for Seniors', density: units.learning, services: ['learning_class'], sectors: { government: 0.8, ngo: 0.2, market: 0 }, crowding: 0 },
  { key: 'center', title: 'Care Center', density: density('centers'), services: ['case_management'], sectors: { government: 0.16, ngo: 0.46, market: 0.38 }, crowding: 0 },
  { key: 'day_center', title: 'Day Center', density: units.dayCare, services: ['day_care'], sectors: { government: 0.19, ngo: 0.14, market: 0.67 }, crowding: 0 },
  { key: 'respite_day', title: 'Day Center', density: units.respiteDay, services: ['respite_day'], sectors: CARE, crowding: 0, shares: { kind: 'day_center', share: 1 } },
  { key: 'dementia', title: 'Memory House', density: units.dementia, services: ['dementia_support'], sectors: { government: 0.21, ngo: 0.54, market: 0.25 }, crowding: 0 },
  { key: 'home_care', title: 'Home Care', density: density('homeCareAgencies') + perTenThousand(47), services: ['home_care'], sectors: { government: 0.01, ngo: 0.18, market: 0.81 }, crowding: 1 },
  { key: 'respite_home', title: 'Home Care', density: units.respiteHome, services: ['respite_home'], sectors: { government: 0, ngo: 0.16, market: 0.84 }, crowding: 1, shares: { kind: 'home_care', share: 1 } },
  { key: 'care_home', title: 'Care Home', density: density('careHomes') - perTenThousand(18), services: ['residential_care'], sectors: { government: 0.12, ngo: 0.06, market: 0.82 }, crowding: 0 },
  { key: 'nursing_home', title: 'Nursing Home', density: perTenThousand(18), services: ['nursing_home'], sectors: { government: 0.5, ngo: 0.06, market: 0.44 }, crowding: 0 },
  { key: 'respite_stay', title: 'Care Home', density: units.respiteStay, services: ['respite_stay'], sectors: CARE, crowding: 0, shares: { kind: 'care_home', share: 1 } },
  { key: 'caregiver', title: 'Family Caregivers’ Foundation', density: units.caregiver, services: ['caregiver_support'], sectors: ADVICE, crowding: 0 },
  { key: 'hospital', title: 'Hospital', density: units.hospitals, services: ['specialist_visit'], sectors: { government: 0.46, ngo: 0.3, market: 0.24 }, crowding: 1 },
  { key: 'clinic', title: 'Clinic', density: CLINICS * 0.48, services: ['clinic_visit'], sectors: BUSINESS, crowding: 1 },
  { key: 'dentist', title: 'Dental Clinic', density: CLINICS * 0.36, services: ['dental_visit'], sectors: BUSINESS, crowding: 1 },
  { key: 'chinese_medicine', title: 'Clinic of Chinese Medicine', density: CLINICS * 0.16, services: ['traditional_medicine'], sectors: BUSINESS, crowding: 1 },
  { key: 'pharmacy', title: 'Pharmacy', density: density('pharmacies'), services: ['medication_review'], sectors: BUSINESS, crowding: 0.5 },
  { key: 'physical_therapy', title: 'Physical Therapy', density: units.physicalTherapy, services: ['physical_therapy'], sectors: BUSINESS, crowding: 1 },
  { key: 'home_nursing', title: 'Home Nursing', density: units.homeNursing, services: ['home_nursing'], sectors: { government: 0.25, ngo: 0.2, market: 0.55 }, crowding: 0.5 },
  { key: 'occupational_therapy', title: 'Occupational Therapy', density: units.occupationalTherapy, services: ['occupational_therapy'], sectors: BUSINESS, crowding: 1 },
  { key: 'speech_therapy', title: 'Speech Therapy', density: units.speechTherapy, services: ['speech_therapy'], sectors: BUSINESS, crowding: 1 },
  { key: 'respiratory_care', title: 'Respiratory Care', density: units.respiratoryCare, services: ['respiratory_care'], sectors: BUSINESS, crowding: 1 },
  { key: 'counseling', title: 'Counseling', density: units.counseling, services: ['counseling'], sectors: BUSINESS, crowding: 1 },
]
