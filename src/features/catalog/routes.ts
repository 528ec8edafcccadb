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
import type { Account } from '../../platform/ledger/accounts.ts'
import { Period } from '../../platform/period.ts'
import { createLocation, type LocationRow } from './create-location.ts'
import { getOffering, listOfferings, type OfferingDetail } from './list-offerings.ts'
import { publishOffering } from './publish-offering.ts'
import {
  Capacity,
  CreateLocation,
  Location,
  Offering,
  OfferingsQuery,
  PublishOffering,
  SetCapacity,
  SetStaffTime,
} from './schemas.ts'
import { setCapacity } from './set-capacity.ts'
import { setStaffTime } from './set-staff-time.ts'
import { withdrawOffering } from './withdraw-offering.ts'

const tags = ['catalog']
const IdParam = z.object({ id: z.uuid() })
const PeriodParam = z.object({ period: Period })

export const routes = [
  defineRoute(
    {
      method: 'post',
      path: '/v1/locations',
      operationId: 'createLocation',
      summary: 'Register a place where services happen',
      tags,
      request: { headers: IdempotencyHeader, body: body(CreateLocation) },
      responses: { 201: json('Registered', Location), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await createLocation(ctx, c.req.valid('json'))
        return { body: toLocation(row), status: 201 }
      }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings',
      operationId: 'publishOffering',
      summary: 'Publish an offering: a service at a location',
      tags,
      request: { headers: IdempotencyHeader, body: body(PublishOffering) },
      responses: { 201: json('Published', Offering), ...refusalsOfChange },
    },
    (c) =>
      idempotently(c, async (ctx) => {
        const row = await publishOffering(ctx, c.req.valid('json'))
        const headers = { ...etag(row.version), Location: `/v1/offerings/${row.id}` }
        return { body: toOffering(row), status: 201, headers }
      }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/offerings',
      operationId: 'listOfferings',
      summary: 'List offerings',
      tags,
      request: { query: OfferingsQuery },
      responses: { 200: json('A page', pageOf(Offering)), ...refusals },
    },
    async (c) => c.json(mapPage(await listOfferings(c.get('ctx'), c.req.valid('query')), toOffering), 200),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/v1/offerings/{id}',
      operationId: 'getOffering',
      summary: 'Read one offering',
      tags,
      request: { params: IdParam },
      responses: { 200: json('The offering', Offering), ...refusalsOfObject },
    },
    async (c) => {
      const row = await getOffering(c.get('ctx'), c.req.valid('param').id)
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/v1/offerings/{id}/withdrawal',
      operationId: 'withdrawOffering',
      summary: 'Take an offering out of later matches',
      tags,
      request: { params: IdParam, headers: IfMatchHeader },
      responses: { 200: json('Withdrawn', Offering), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const row = await withdrawOffering(c.get('ctx'), { offeringId: c.req.valid('param').id, version })
      return c.json(toOffering(row), 200, etag(row.version))
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/offerings/{id}/capacities/{period}',
      operationId: 'setCapacity',
      summary: 'Set how many units an offering has in a month',
      tags,
      request: { params: IdParam.extend(PeriodParam.shape), body: body(SetCapacity) },
      responses: { 200: json('Set', Capacity), ...refusalsOfChange },
    },
    async (c) => {
      const { id: offeringId, period } = c.req.valid('param')
      const account = await setCapacity(c.get('ctx'), { offeringId, period, ...c.req.valid('json') })
      return c.json(toCapacity(account), 200)
    },
  ),
  defineRoute(
    {
      method: 'put',
      path: '/v1/staff-time/{period}',
      operationId: 'setStaffTime',
      summary: 'Set how many minutes the provider’s staff have in a month',
      tags,
      request: { params: PeriodParam, body: body(SetStaffTime) },
      responses: { 200: json('Set', Capacity), ...refusalsOfChange },
    },
    async (c) => {
      const { period } = c.req.valid('param')
      const account = await setStaffTime(c.get('ctx'), { period, ...c.req.valid('json') })
      return c.json(toCapacity(account), 200)
    },
  ),
] as const

function toLocation(row: LocationRow): Location {
  const { id, organizationId, name, address, areaId, latitude, longitude, sourceRef } = row
  const point = latitude === null || longitude === null ? null : { latitude, longitude }
  return { id, organizationId, name, address, areaId, point, sourceRef }
}

function toOffering({ createdAt, ...row }: OfferingDetail): Offering {
  return { ...row, createdAt: createdAt.toISOString() }
}

function toCapacity({ period, limit, held, spent }: Account): Capacity {
  return { period, maximum: limit, held, spent, available: limit - held - spent }
}
