/** Who pays how much of a price: the fund its parts within the caps, the resident the rest, to the minor unit. */
import { shareOf } from '../../platform/money.ts'
import type { SubsidyOrder } from './schemas.ts'

/** The part of a program that decides a split. Null = no cap, no ceiling. */
export interface SubsidyTerms {
  /** Basis points of the price, 0 … 10000. */
  subsidyShare: number
  /** Minor units per unit of service besides the share. */
  subsidyFixed: number
  /** Which of the two comes first; the other is reckoned from what is left. */
  subsidyOrder: SubsidyOrder
  /** Price per unit above which the fund pays nothing more. */
  priceCeiling: number | null
  /** Most the fund pays per unit of service. */
  unitCap: number | null
  /** Most the fund pays per resident and period. */
  residentCap: number | null
}

/** Minor units; price = subsidy + copayment. */
export interface Split {
  price: number
  subsidy: number
  copayment: number
}

/**
 * Splits the price of a quantity. In this order: the price up to the ceiling; of it the share and the fixed part, one
 * after the other; the cap per unit; what the resident's cap allows.
 * @param residentLeft what the resident's cap still allows; without it, nothing was drawn yet.
 */
export function splitPrice(
  terms: SubsidyTerms,
  unitPrice: number,
  quantity: number,
  residentLeft: number | null = terms.residentCap,
): Split {
  const price = unitPrice * quantity
  const { priceCeiling, unitCap } = terms
  const base = priceCeiling === null || unitPrice <= priceCeiling ? price : priceCeiling * quantity
  const subsidy = Math.min(
    partsOf(base, terms, quantity),
    unitCap === null ? base : unitCap * quantity,
    residentLeft === null ? base : Math.max(residentLeft, 0),
  )
  return { price, subsidy, copayment: price - subsidy }
}

/** Share and fixed part of what the fund may pay for, together no more than it. */
function partsOf(
  base: number,
  { subsidyShare, subsidyFixed, subsidyOrder }: SubsidyTerms,
  quantity: number,
): number {
  if (subsidyFixed === 0) return shareOf(base, subsidyShare)
  const fixed = Math.min(subsidyFixed * quantity, base)
  if (subsidyOrder === 'fixed_first') return fixed + shareOf(base - fixed, subsidyShare)
  return Math.min(shareOf(base, subsidyShare) + fixed, base)
}
