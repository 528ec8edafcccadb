import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import { refusals, refusalsOfConditionalChange, refusalsOfObject } from '../../platform/http/problem.ts'
import { bookingRoutes } from './booking-routes.ts'
import { deliveryRoutes } from './delivery-routes.ts'
import { getReferral } from './get-referral.ts'
import { linkRoutes } from './link-routes.ts'
import { listReferrals } from './list-referrals.ts'
import { moveReferral, type PartyEvent } from './move-referral.ts'
import { offerRoutes } from './offer-routes.ts'
import { residentRoutes } from './resident-routes.ts'
import { Referral, ReferralMove, ReferralsQuery } from './schemas.ts'
import { toReferral } from './wire-rows.ts'
import { workListRoutes } from './work-list-routes.ts'

const tags = ['referrals']
const IdParam = z.object({ id: z.uuid() })

export const routes = [
  defineRoute(
    {
      method: 'get',
      path: '/v1/referrals',
      operationId: 'listReferrals',
      summary: 'List the referrals the organization is a party of',
      tags,
      request: { query: ReferralsQuery },
      responses: { 200: json('A page', pageOf(Referral)), ...refusals },
    },
    async (c) => c.json(mapPage(await listReferrals(c.get('ctx'), c.req.valid('query')), toReferral), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/referrals/{id}',
      operationId: 'getReferral',
      summary: 'Read one referral',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The referral', Referral), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getReferral(c.get('ctx'), c.req.valid('param').id)
      return c.json(toReferral(row), 200, etag(row.version))
    },
  ),
  ...workListRoutes,
  moveRoute('accept', '/v1/referrals/{id}/acceptance', 'The provider takes the referral'),
  moveRoute(
    'reject',
    '/v1/referrals/{id}/rejection',
    'The provider does not take it; the need is open again',
  ),
  moveRoute('start', '/v1/referrals/{id}/start', 'The service begins; the resident has said yes'),
  moveRoute('hold', '/v1/referrals/{id}/hold', 'The service pauses'),
  moveRoute('resume', '/v1/referrals/{id}/resumption', 'The service goes on'),
  moveRoute(
    'complete',
    '/v1/referrals/{id}/completion',
    'All that comes was delivered; what is left of the holds is free again',
  ),
  moveRoute('fail', '/v1/referrals/{id}/failure', 'It could not be delivered; the need is open again'),
  moveRoute('cancel', '/v1/referrals/{id}/cancellation', 'A party withdraws it; the need is open again'),
  moveRoute('void', '/v1/referrals/{id}/voiding', 'It should not have been; the need is open again'),
  ...bookingRoutes,
  ...offerRoutes,
  ...deliveryRoutes,
  ...linkRoutes,
  ...residentRoutes,
] as const

/** The operation for one row of the lifecycle's table. */
function moveRoute<const Event extends PartyEvent, const Path extends `/v1/referrals/{id}/${string}`>(
  event: Event,
  path: Path,
  summary: string,
) {
  return defineRoute(
    {
      method: 'post',
      path,
      operationId: `${event}Referral`,
      summary,
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(ReferralMove) },
      responses: { 200: json('Moved', Referral), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const wanted = { id: c.req.valid('param').id, event, expectedVersion: version, ...c.req.valid('json') }
      const row = await moveReferral(c.get('ctx'), wanted)
      return c.json(toReferral(row), 200, etag(row.version))
    },
  )
}
