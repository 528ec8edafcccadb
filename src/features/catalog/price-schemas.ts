import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'
import { OptionalRule } from '../policies/eligibility.ts'

/**
 * free: nothing to pay. fixed: the same for everybody. per_unit: counted by what is used. sliding: by the resident's
 * circumstances, as the options say.
 */
export const PriceType = z.enum(['free', 'fixed', 'per_unit', 'sliding'])
export type PriceType = z.infer<typeof PriceType>

export const MinorUnits = z.number().int().min(0).max(1_000_000_000)

const PriceOption = z
  .strictObject({
    name: Text(100).openapi({ example: 'Low income' }),
    price: MinorUnits.openapi({ description: 'Minor units per unit of service' }),
    eligibility: OptionalRule.default(null).openapi({
      description: 'Who pays this price; null = whoever asks',
    }),
  })
  .openapi('PriceOption')
export type PriceOption = z.output<typeof PriceOption>

export const PriceOptions = z
  .array(PriceOption)
  .max(20)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a name stands here twice')

/** What prices must fulfill together, beyond each one's own shape. */
interface Prices {
  price: number
  priceType?: PriceType | undefined
  priceCeiling: number | null
  priceOptions: PriceOption[]
}

/** Refinement: free costs nothing, and nothing costs more than the ceiling. */
export function checkPrices(prices: Prices, issues: z.RefinementCtx): void {
  const { price, priceType, priceCeiling, priceOptions } = prices
  const flaw = (path: (string | number)[], message: string) =>
    issues.addIssue({ code: 'custom', path, message })
  if (priceType === 'free' && price !== 0) flaw(['price'], 'what is free has price 0')
  if (priceType === 'free' && priceOptions.length > 0)
    flaw(['priceOptions'], 'what is free has no price options')
  if (priceCeiling === null) return
  if (price > priceCeiling) flaw(['priceCeiling'], 'is below the price')
  priceOptions.forEach((option, at) => {
    if (option.price > priceCeiling) flaw(['priceOptions', at, 'price'], 'is above the ceiling')
  })
}

/** The type where none is given. */
export function priceTypeOf({ price, priceType }: Pick<Prices, 'price' | 'priceType'>): PriceType {
  return priceType ?? (price === 0 ? 'free' : 'per_unit')
}
