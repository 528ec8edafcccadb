/** Everything one run reads, as plain rows in a fixed order: by id, hence in order of registration. */

import type { Hours } from '../catalog/hours.ts'
import type { Gender, Mode, ServiceUnit } from '../catalog/schemas.ts'
import type { Point } from '../communities/schemas.ts'
import type { Sector } from '../identity/schemas.ts'
import type { Facts, Rule } from '../policies/eligibility.ts'
import type { Category, PolicyDocument, Tier } from '../policies/schemas.ts'
import type { SubsidyOrder } from '../programs/schemas.ts'
import type { AcceptableHours, IncomeClass, Preferences, Priority, Refusals } from '../residents/schemas.ts'

export interface SnapshotResident {
  id: string
  areaId: string
  /** Null without consent to use it. */
  point: Point | null
  languages: string[]
  facts: Facts
  /** What figures by group may count the resident to; absent without consent to statistics. */
  statistics?: { incomeClass: IncomeClass }
  /** What is not to be offered to the resident again yet; absent where nothing is. */
  coolingOff?: CoolingOff
  /** Minor units left in the wallet, and its account; null = no wallet. */
  wallet: { accountId: string; available: number } | null
}

/** After a no: offerings, and organizations with all of theirs, in order of id. */
export interface CoolingOff {
  offeringIds: string[]
  organizationIds: string[]
}

export interface SnapshotNeed {
  id: string
  residentId: string
  category: Category
  term: string
  tier: Tier
  quantity: number
  /** The unit that the quantity counts; null = the offering's own. */
  unit: ServiceUnit | null
  neededBy: string | null
  acceptableHours: AcceptableHours | null
  preferences: Preferences
  refusals: Refusals
  /** Who served the resident's last need of the kind; null = nobody has. Looked up only where it is preferred. */
  lastProviderId: string | null
  maxWalkingMinutes: number | null
  waitingDays: number
  priority: Priority
  /** Offerings that reviewers have taken from it in this run; absent where there are none. */
  excludedOfferingIds?: string[]
  /** The match that reviewers keep: the need takes part in nothing but the figures. Absent where there is none. */
  pinned?: PinnedMatch
}

/** What a kept match has taken already: no account has it left. */
export interface PinnedMatch {
  offeringId: string
  programId: string | null
  subsidy: number
  utility: number
}

export interface SnapshotOffering {
  id: string
  organizationId: string
  sector: Sector | null
  category: Category
  term: string
  tier: Tier
  mode: Mode
  point: Point | null
  serviceAreaIds: string[]
  price: number
  unit: ServiceUnit
  staffMinutesPerUnit: number
  languages: string[]
  caregiverGenders: Gender[]
  /** Null where not known. */
  hours: Hours | null
  eligibility: Rule | null
  /** Units left in the period. */
  capacity: { accountId: string; available: number; limit: number }
  /** Minutes the provider's staff have left; null = not counted. */
  staffTime: { accountId: string; available: number } | null
}

export interface SnapshotProgram {
  id: string
  name: string
  areaId: string
  categories: Category[]
  tiers: Tier[]
  eligibility: Rule | null
  subsidyShare: number
  subsidyFixed: number
  subsidyOrder: SubsidyOrder
  priceCeiling: number | null
  unitCap: number | null
  residentCap: number | null
  fund: { accountId: string; available: number; limit: number }
}

export interface Snapshot {
  period: string
  /** The day on which it was taken, in the deployment's time zone; a one-off need is served from then on. */
  today: string
  policy: PolicyDocument
  /** Area → its parent, for the whole subtree and the way up to the root. */
  parents: Record<string, string | null>
  residents: SnapshotResident[]
  needs: SnapshotNeed[]
  offerings: SnapshotOffering[]
  programs: SnapshotProgram[]
  /** What residents have already drawn from a program's per-resident cap: `program resident` → minor units. */
  drawn: Record<string, number>
}
