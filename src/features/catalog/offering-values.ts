import type { z } from '@hono/zod-openapi'
import type { Context } from '../../platform/context.ts'
import type { Hours } from './hours.ts'
import type { Hours as HoursInput } from './hours-schemas.ts'
import { type PriceType, priceTypeOf } from './price-schemas.ts'

interface Given {
  price: number
  priceType?: PriceType | undefined
  hours: z.output<typeof HoursInput> | null
}

/** The fields as they are stored: what was left to the deployment or to another field is settled. */
export function offeringValues<Fields extends Given>(ctx: Pick<Context, 'timeZone'>, fields: Fields) {
  const { hours } = fields
  const settled: Hours | null = hours && { ...hours, timeZone: hours.timeZone ?? ctx.timeZone }
  return { ...fields, priceType: priceTypeOf(fields), hours: settled }
}
