/**
 * What a demo is made of, whichever source it comes from: the seeded generator (`town.ts`) or a real
 * city's files (`taipei/read-taipei.ts`). Plain data; `load-district.ts` turns it into rows through the verbs.
 */
import type { Mode } from '../../features/catalog/schemas.ts'
import type { Sector } from '../../features/identity/schemas.ts'
import type { Rule } from '../../features/policies/eligibility.ts'
import type { Category, Tier } from '../../features/policies/schemas.ts'

/** One figure's origin, so that the output can tell published numbers from assumed ones. */
export type Origin = 'published' | 'assumed'

export interface Village {
  code: string
  name: string
  district: string
  latitude: number
  longitude: number
  population: { age0to14: number; age15to64: number; age65up: number }
  /** Residents aged 65+ in five-year bands: 65–69, 70–74, 75–79, 80–84, 85+. */
  elderlyByBand: [number, number, number, number, number]
  /** Yearly household income of the village's tax units, thousand currency units. */
  income: { firstQuartile: number; median: number; thirdQuartile: number }
}

export interface Provider {
  ref: string
  name: string
  sector: Sector
}

export interface Station {
  ref: string
  name: string
  address: string
  /** Null where the source's coordinates are blank or outside the city: kept, but not matched by distance. */
  point: { latitude: number; longitude: number } | null
  /** Village the address lies in, where known. */
  villageCode: string | null
}

export interface DistrictOffering {
  ref: string
  providerRef: string
  stationRef: string
  name: string
  category: Category
  /** Service term, shared by offerings and needs: `day_care`, `home_care`, `meal`, `clinic_visit` … */
  term: string
  tier: Tier
  mode: Mode
  unit: 'visit' | 'hour' | 'day' | 'meal' | 'month'
  /** Minor currency units per unit of service. */
  price: number
  /** Units of service per calendar month open to the drawn residents. */
  capacity: number
  staffMinutesPerUnit: number
  /** Names of the districts the provider covers, wherever the service happens; empty = by distance. */
  serviceDistricts: string[]
  /** Codes of the villages covered, where the source names them; empty = all of `serviceDistricts`. */
  serviceVillages: string[]
  eligibility: Rule | null
  origin: { capacity: Origin; price: Origin }
}

/** One row of a source file that did not go in, or went in with a flaw. */
export interface QuarantineEntry {
  file: string
  /** 1-based line of the row's first character in the file, header included. */
  line: number
  field: string | null
  reason: string
  /** `kept`: imported but flagged (for example without a usable point); `refused`: left out. */
  outcome: 'kept' | 'refused'
}

/** Every row of a file is counted once: `rows = imported + merged + refused + outOfScope`. */
export interface FileReport {
  file: string
  rows: number
  imported: number
  /** Rows naming a service already read from another row or file. */
  merged: number
  refused: number
  /** Sound rows about services that neither lie in nor serve the chosen district; 0 for a whole city. */
  outOfScope: number
}

export interface District {
  /** Stable key of the source and its scope, such as `taipei-ltc:大安區`. */
  key: string
  name: string
  source: string
  attribution: string
  currency: string
  villages: Village[]
  providers: Provider[]
  stations: Station[]
  offerings: DistrictOffering[]
  quarantine: QuarantineEntry[]
  files: FileReport[]
  /** Sentences naming each assumed rule, printed by the demo. */
  assumptions: string[]
}

export interface DistrictNeed {
  category: Category
  term: string
  tier: Tier
  /** Units of service wanted in the period. */
  quantity: number
  /** Whole days the resident has been waiting when the demo starts. */
  waitingDays: number
}

export interface DistrictResident {
  ref: string
  birthYear: number
  villageCode: string
  /** Rounded to 3 decimals (≤ 100 m), as the residents feature stores it. */
  point: { latitude: number; longitude: number }
  mobility: 'independent' | 'slow' | 'homebound'
  /** Long-term-care level 0 (none) … 8, as in Taiwan's CMS scale (2–8 are eligible). */
  careLevel: number
  incomeClass: 'low' | 'lower_middle' | 'general'
  livesAlone: boolean
  languages: string[]
  /** Own money for services in the period, minor currency units. */
  wallet: number
  needs: DistrictNeed[]
}

export interface DistrictProgram {
  ref: string
  name: string
  categories: Category[]
  tiers: Tier[]
  eligibility: Rule | null
  /** Minor units for the period. */
  budget: number
  /** Basis points of the price paid by the fund, 0…10000. */
  subsidyShare: number
  /** Most the fund pays per unit of service, minor units; null = no cap. */
  unitCap: number | null
  /** Most the fund pays per resident and period, minor units; null = no cap. */
  residentCap: number | null
}
