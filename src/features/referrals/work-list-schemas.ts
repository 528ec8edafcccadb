import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'
import { Delivery } from './delivery-schemas.ts'
import { Referral } from './schemas.ts'

/** What waits for a provider, the most urgent first. */
export const WorkKind = z.enum(['to_answer', 'to_start', 'to_deliver', 'to_complete', 'on_hold', 'disputed'])
export type WorkKind = z.infer<typeof WorkKind>

export const WorkListQuery = PageQuery.extend({
  kind: WorkKind.optional().openapi({ description: 'Only this; without it, the first page of each' }),
})
export type WorkListQuery = z.infer<typeof WorkListQuery>

export const WorkItem = z
  .object({
    referral: Referral,
    period: Period.openapi({ description: 'The month it is to be delivered in' }),
    left: z.number().int().openapi({ description: 'Units that can still be delivered' }),
    // A union, because `.nullable()` of a named schema is lost in the document.
    delivery: z.union([Delivery, z.null()]).openapi({ description: 'The disputed one; null elsewhere' }),
  })
  .openapi('WorkItem')
export type WorkItem = z.infer<typeof WorkItem>

export const WorkList = z
  .object({
    sections: z.array(
      z.object({
        kind: WorkKind.openapi({
          description:
            'to_answer: by `answerBy`, the nearest first. to_start: both sides agree. to_deliver: under way, with units left. to_complete: under way, with none left. on_hold: paused, the longest first. disputed: deliveries that the resident disputes, the earliest first',
        }),
        count: z.number().int().openapi({ description: 'Of the whole section' }),
        items: z.array(WorkItem),
        nextCursor: z.uuid().nullable().openapi({ description: 'For the next page, with `kind`' }),
      }),
    ),
  })
  .openapi('WorkList')
export type WorkList = z.infer<typeof WorkList>
