import { z } from '@hono/zod-openapi'
import { defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfObject } from '../../platform/http/problem.ts'
import { type ListedWaitlist, listWaitlist } from './list-waitlist.ts'
import { Waitlist, WaitlistQuery } from './waitlist-schemas.ts'

export const waitlistRoutes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/offerings/{id}/waitlist',
      operationId: 'listWaitlist',
      summary: 'List the needs that wait for a place of an offering, the next one first',
      description: 'Nothing is told of the residents. Places are given as they become free, within a minute.',
      tags: ['matching'],
      request: { params: z.object({ id: z.uuid() }), query: WaitlistQuery },
      responses: { 200: json('The waitlist', Waitlist), ...refusalsOfObject },
    },
    async (c) => {
      const listed = await listWaitlist(c.get('ctx'), c.req.valid('param').id, c.req.valid('query'))
      return c.json(toWaitlist(listed), 200)
    },
  ),
] as const

function toWaitlist({ offeringId, period, at, bids, bidsWithheld }: ListedWaitlist): Waitlist {
  const entries = bids.map(({ asking: { row }, bid }, index) => ({
    position: index + 1,
    needId: row.id,
    priority: row.priority,
    waitingSince: row.waitingSince.toISOString(),
    quantity: row.quantity,
    bid: bidsWithheld ? null : bid,
  }))
  return { offeringId, period, at: at.toISOString(), entries }
}
