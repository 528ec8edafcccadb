import { z } from '@hono/zod-openapi'
import { Period } from '../../platform/period.ts'
import { Priority } from '../residents/schemas.ts'

export const WaitlistQuery = z.object({
  period: Period.optional().openapi({ description: 'The current month where it is not given' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type WaitlistQuery = z.input<typeof WaitlistQuery>

const Waiting = z.object({
  position: z.number().int().openapi({ description: 'From 1: who gets the next place that becomes free' }),
  needId: z.uuid(),
  priority: Priority,
  waitingSince: z.iso.datetime(),
  quantity: z.number().int(),
  bid: z.number().int().nullable().openapi({
    description:
      'Utility of the place for this need, less the prices of the staff time and the fund that it takes as well. Null where it would tell how far a confidential place is',
  }),
})

export const Waitlist = z
  .object({
    offeringId: z.uuid(),
    period: Period,
    at: z.iso.datetime(),
    entries: z.array(Waiting).openapi({
      description:
        'In the order in which places are given as they become free, as far as funds and staff time allow then: the highest bid first, of equal ones who waits longer. Where the policy serves tiers one after the other, the earlier tier comes first',
    }),
  })
  .openapi('Waitlist')
export type Waitlist = z.infer<typeof Waitlist>
