import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { IdempotencyHeader, idempotently } from '../../platform/http/idempotency.ts'
import { mapPage, pageOf } from '../../platform/http/paging.ts'
import {
  refusals,
  refusalsOfChange,
  refusalsOfConditionalChange,
  refusalsOfObject,
} from '../../platform/http/problem.ts'
import { decideSuspendedReferral } from './decide-suspended-referral.ts'
import { imposeSuspension } from './impose-suspension.ts'
import { liftSuspension } from './lift-suspension.ts'
import {
  getSuspension,
  listSuspensions,
  type SuspendedReferralRow,
  type SuspensionDetailRow,
  type SuspensionRow,
} from './list-suspensions.ts'
import {
  DecideSuspendedReferral,
  ImposeSuspension,
  SuspendedReferral,
  Suspension,
  SuspensionDetail,
  SuspensionsQuery,
} from './suspension-schemas.ts'

const tags = ['supervision']
const IdParam = z.object({ id: z.uuid() })

export const suspensionRoutes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/suspensions',
      operationId: 'imposeSuspension',
      summary: 'Take a provider or an offering out of matching and new bookings at once',
      tags,
      request: { headers: IdempotencyHeader, body: body(ImposeSuspension) },
      responses: { 201: json('Imposed', SuspensionDetail), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await imposeSuspension(ctx, c.req.valid('json'))
        return { body: toDetail(row), status: 201, headers: etag(row.version) }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/suspensions',
      operationId: 'listSuspensions',
      summary: 'List suspensions: of one’s area, or one’s own',
      tags,
      request: { query: SuspensionsQuery },
      responses: { 200: json('A page', pageOf(Suspension)), ...refusals },
    },
    async (c) =>
      c.json(mapPage(await listSuspensions(c.get('ctx'), c.req.valid('query')), toSuspension), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/suspensions/{id}',
      operationId: 'getSuspension',
      summary: 'Read a suspension with the referrals that ran when it came',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The suspension', SuspensionDetail), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getSuspension(c.get('ctx'), c.req.valid('param').id)
      return c.json(toDetail(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/suspensions/{id}/lift',
      operationId: 'liftSuspension',
      summary: 'Let the provider or the offering back',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Lifted', SuspensionDetail), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const { id } = c.req.valid('param')
      const row = await liftSuspension(c.get('ctx'), { id, expectedVersion: version })
      return c.json(toDetail(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/suspensions/{id}/referrals/{referralId}/decision',
      operationId: 'decideSuspendedReferral',
      summary: 'Say whether a referral of a suspended provider goes on',
      tags,
      request: {
        params: z.object({ id: z.uuid(), referralId: z.uuid() }),
        headers: IdempotencyHeader,
        body: body(DecideSuspendedReferral),
      },
      responses: { 201: json('Decided', SuspendedReferral), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const { id: suspensionId, referralId } = c.req.valid('param')
        const wanted = { suspensionId, referralId, ...c.req.valid('json') }
        return { body: toSuspendedReferral(await decideSuspendedReferral(ctx, wanted)), status: 201 }
      }),
  ),
] as const

function toSuspension({ imposedBy: _, liftedAt, createdAt, reason, ...row }: SuspensionRow): Suspension {
  return {
    ...row,
    reason: reason as Suspension['reason'],
    liftedAt: liftedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }
}

function toDetail({ referrals, ...row }: SuspensionDetailRow): SuspensionDetail {
  return { ...toSuspension(row), referrals: referrals.map(toSuspendedReferral) }
}

function toSuspendedReferral({ decidedBy: _, decidedAt, ...row }: SuspendedReferralRow): SuspendedReferral {
  return { ...row, decidedAt: decidedAt?.toISOString() ?? null }
}
