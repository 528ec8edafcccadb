import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { refusalsOfConditionalChange } from '../../platform/http/problem.ts'
import { acceptOffer } from './accept-offer.ts'
import { declineOffer } from './decline-offer.ts'
import { OfferRefusal, Referral } from './schemas.ts'
import { toReferral } from './wire-rows.ts'

const tags = ['referrals']
const IdParam = z.object({ id: z.uuid() })

/** What the resident says to a referral, through the partner app. */
export const offerRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/referrals/{id}/offer-acceptance',
      operationId: 'acceptOffer',
      summary: 'The resident says yes to the offer',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Answered', Referral), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version }
      const row = await acceptOffer(c.get('ctx'), wanted)
      return c.json(toReferral(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/referrals/{id}/offer-refusal',
      operationId: 'declineOffer',
      summary: 'The resident says no to the offer; the need is open again',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(OfferRefusal) },
      responses: { 200: json('Answered', Referral), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, expectedVersion: version, ...c.req.valid('json') }
      const row = await declineOffer(c.get('ctx'), wanted)
      return c.json(toReferral(row), 200, etag(row.version))
    },
  ),
] as const
