/** Who pays how much of a price: the fund its share within the caps, the resident the rest, to the minor unit. */
import { shareOf } from '../../platform/money.ts'

/** The part of a program that decides a split. Null = no cap. */
export interface SubsidyTerms {
  /** Basis points of the price, 0 … 10000. */
  subsidyShare: number
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
 * Splits the price of a quantity.
 * @param residentLeft what the resident's cap still allows; without it, nothing was drawn yet.
 */
export function splitPrice(
  terms: SubsidyTerms,
  unitPrice: number,
  quantity: number,
  residentLeft: number | null = terms.residentCap,
): Split {
  const price = unitPrice * quantity
  const subsidy = Math.min(
    shareOf(price, terms.subsidyShare),
    terms.unitCap === null ? price : terms.unitCap * quantity,
    residentLeft === null ? price : Math.max(residentLeft, 0),
  )
  return { price, subsidy, copayment: price - subsidy }
}
