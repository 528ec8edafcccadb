/** What an option is worth, from the policy alone. */
import type { PolicyDocument, Tier } from '../policies/schemas.ts'
import type { Priority } from '../residents/schemas.ts'
import type { UtilityParts } from './schemas.ts'

export interface UtilityInput {
  needTier: Tier
  offeringTier: Tier
  waitingDays: number
  priority: Priority
  careLevel: number | undefined
  /** Minutes walked over the minutes of the policy’s reach, 0 … 1; null where distance plays no part. */
  walkedShare: number | null
  /** Of the language preferred, or of one of the resident's own where none is. */
  speaksLanguage: boolean
  /** Preferences that are stated and met. */
  prefersGender: boolean
  prefersSector: boolean
  keepsProvider: boolean
  /** Share of the price that the resident pays, 0 … 1; 0 where it is free. */
  ownShare: number
}

/**
 * Utility = tierWeight × urgency × (base + suitability), split over its summands; all integers, so that the parts
 * add up to the utility exactly. Formula and figures: `PolicyDocument`.
 */
export function utilityParts(policy: PolicyDocument, input: UtilityInput): UtilityParts {
  const { suitability } = policy
  const factor = policy.tierWeights[input.needTier] * urgencyPercent(policy, input)
  const near = input.walkedShare === null ? 1 : 1 - input.walkedShare
  return {
    base: factor * suitability.base,
    walking: factor * Math.round(suitability.walking * near),
    tierFit: input.offeringTier === input.needTier ? factor * suitability.tierFit : 0,
    language: input.speaksLanguage ? factor * suitability.language : 0,
    affordability: factor * Math.round(suitability.affordability * (1 - input.ownShare)),
    caregiverGender: input.prefersGender ? factor * (suitability.caregiverGender ?? 0) : 0,
    sector: input.prefersSector ? factor * (suitability.sector ?? 0) : 0,
    continuity: input.keepsProvider ? factor * (suitability.continuity ?? 0) : 0,
  }
}

export function totalOf(parts: UtilityParts): number {
  const { base, walking, tierFit, language, affordability, caregiverGender, sector, continuity } = parts
  return base + walking + tierFit + language + affordability + caregiverGender + sector + continuity
}

/** The highest level of care that an assessment finds. */
const MOST_CARE = 8

/** What no option of such a need is worth more than, whoever the resident and whatever the offering. */
export function mostUtility(
  policy: PolicyDocument,
  need: Pick<UtilityInput, 'needTier' | 'waitingDays' | 'priority'>,
): number {
  const perfect: UtilityInput = {
    ...need,
    offeringTier: need.needTier,
    careLevel: MOST_CARE,
    walkedShare: 0,
    speaksLanguage: true,
    prefersGender: true,
    prefersSector: true,
    keepsProvider: true,
    ownShare: 0,
  }
  return totalOf(utilityParts(policy, perfect))
}

/** Parts as they were stored; matches made before there were preferences have none of theirs. */
export function withAllParts(stored: UtilityParts | Omit<UtilityParts, PreferencePart>): UtilityParts {
  return { caregiverGender: 0, sector: 0, continuity: 0, ...stored }
}

type PreferencePart = 'caregiverGender' | 'sector' | 'continuity'

type Urgency = Pick<UtilityInput, 'waitingDays' | 'careLevel' | 'priority'>

function urgencyPercent({ urgency }: PolicyDocument, { waitingDays, careLevel, priority }: Urgency): number {
  const waiting = Math.min(urgency.waitingCap, Math.floor(waitingDays / 7) * urgency.waitingPerWeek)
  const pressing = priority === 'standard' ? 0 : (urgency.priority?.[priority] ?? 0)
  return 100 + waiting + (careLevel ?? 0) * urgency.perCareLevel + pressing
}
