/** What an option is worth, from the policy alone. */
import type { PolicyDocument, Tier } from '../policies/schemas.ts'
import type { UtilityParts } from './schemas.ts'

export interface UtilityInput {
  needTier: Tier
  offeringTier: Tier
  waitingDays: number
  careLevel: number | undefined
  /** Minutes walked over minutes reachable, 0 … 1; null where distance plays no part. */
  walkedShare: number | null
  speaksLanguage: boolean
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
  }
}

export function totalOf(parts: UtilityParts): number {
  return parts.base + parts.walking + parts.tierFit + parts.language + parts.affordability
}

function urgencyPercent({ urgency }: PolicyDocument, { waitingDays, careLevel }: UtilityInput): number {
  const waiting = Math.min(urgency.waitingCap, Math.floor(waitingDays / 7) * urgency.waitingPerWeek)
  return 100 + waiting + (careLevel ?? 0) * urgency.perCareLevel
}
