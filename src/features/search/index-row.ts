/** What the index knows of an offering: all that it is searched, filtered or counted by, and what is shown of it. */

import type { OfferingDetail } from '../catalog/get-offering.ts'
import type { Hours } from '../catalog/hours.ts'
import type { PriceType } from '../catalog/price-schemas.ts'
import type { Mode, OfferingState, ServiceUnit } from '../catalog/schemas.ts'
import type { Point } from '../communities/schemas.ts'
import type { Rule } from '../policies/eligibility.ts'
import type { Category, Tier } from '../policies/schemas.ts'
import type { SearchText } from './text-index.ts'

/** An offering as the tables have it. Whether its assurance has lapsed is the clock's to say, when it is shown. */
export type ShownOffering = Omit<OfferingDetail, 'assurance'> & {
  assurance: Omit<NonNullable<OfferingDetail['assurance']>, 'state'> | null
}

export interface IndexRow {
  id: string
  organizationId: string
  sector: string | null
  category: Category
  term: string
  tier: Tier
  mode: Mode
  unit: ServiceUnit
  price: number
  priceType: PriceType
  state: OfferingState
  languages: string[]
  eligibility: Rule | null
  /** Null = not known. */
  hours: Hours | null
  areaId: string | null
  point: Point | null
  /** The organization that a confidential place is kept by; null = a place that anybody may find. */
  keptBy: string | null
  text: SearchText
  shown: ShownOffering
  /** Changes whenever one of the database's rows behind this one does. */
  stamp: bigint
}
